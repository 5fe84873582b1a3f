"""Finding the village that a cell means: by code, by an abolished code, or by a unique name."""

from collections import defaultdict

from exchange.cells import BadCell, Cell, Read, cell_text
from regions.models import Region


class VillageBook:
    """The villages in force under one region, read once for a file."""

    def __init__(self, region: Region) -> None:
        self._codes: set[str] = set()
        self._names: dict[str, list[str]] = defaultdict(list)
        self._area = str(region)
        found = Region.objects.filter(path__startswith=region.path, successor=None)
        for code, name, parent in found.filter(level=Region.Level.VILLAGE).values_list(
            "code", "name", "parent__name"
        ):
            self._codes.add(code)
            for spelling in {name, name.removesuffix("村委会"), name.removesuffix("居委会")}:
                self._names[spelling].append(code)
                self._names[parent + spelling].append(code)
        self._successors = dict(
            Region.objects.exclude(successor=None).values_list("code", "successor_id")
        )

    def read(self, cell: Cell) -> Read:
        """Return the present code of the village that ``cell`` names."""
        text = cell_text(cell).replace(" ", "")
        if not text.isdigit():
            return self._by_name(text)
        successor = self._successors.get(text[:6])
        code = f"{successor}{text[6:]}" if successor else text
        if code in self._codes:
            return Read(code, f"旧区划代码 {text} 已换为 {code}" if successor else "")
        if len(text) != 12:
            raise BadCell(
                f"村（社区）代码“{text}”有 {len(text)} 位", "请填写 12 位代码，例如 350602001001"
            )
        if successor:
            raise BadCell(
                f"代码 {text} 属于已撤销的 {text[:6]}，按现行 {successor} 找不到该村",
                "请填写现行的 12 位村（社区）代码",
            )
        raise BadCell(
            f"代码 {text} 不是{self._area}的村（社区）", "请核对代码，外地的行请从本文件中删除"
        )

    def _by_name(self, text: str) -> Read:
        codes = self._names.get(text, [])
        if len(codes) == 1:
            return Read(codes[0])
        if codes:
            raise BadCell(
                f"{self._area}有 {len(codes)} 个“{text}”", "请在名称前加乡镇，或改填 12 位代码"
            )
        raise BadCell(f"{self._area}没有名为“{text}”的村（社区）", "请核对名称，或改填 12 位代码")
