"""The checkout page, in Chinese, for a phone."""

from html import escape
from pathlib import Path
from string import Template

from donors.paysim.store import Session

_HERE = Path(__file__).parent
_PAGE = Template((_HERE / "page.html").read_text(encoding="utf-8"))
_CHECKOUT = Template((_HERE / "checkout.html").read_text(encoding="utf-8"))
_CLOSED = {
    "complete": "该笔捐赠已支付，无需重复付款。",
    "expired": "付款页已过期，请返回重新认领。",
}


def checkout(session: Session) -> str:
    """The page of an open session: amount, ways to pay, pay and cancel."""
    return _PAGE.substitute(
        body=_CHECKOUT.substitute(
            sum=f"{session.amount // 100:,}.{session.amount % 100:02d}",
            account=escape(session.account),
            number=escape(session.id[-12:]),
            session=escape(session.id),
        )
    )


def closed(session: Session | None) -> str:
    """The page of a session that takes no more money."""
    text = _CLOSED.get(session.status if session else "", "没有这笔订单。")
    return _PAGE.substitute(body=f"<p>{text}</p>")
