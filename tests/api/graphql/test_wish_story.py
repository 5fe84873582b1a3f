"""A project and a wish through GraphQL: posted, screened, verified, published, claimed."""

from datetime import timedelta

import pytest

from aid.models import AidEntry, Layer, Prevented
from aid.services import aid_promise
from audit.acting import acting_as
from donors.models import Claim, Donor
from kernel import clock
from kernel.access import SYSTEM, Role
from projects.models import Project, Wish
from tests import make
from tests.api.graphql import rows
from tests.api.graphql.ask import Asker, somebody

pytestmark = pytest.mark.django_db

CREATE = "mutation ($i: ProjectInput!) { projectCreate(input: $i) { id state { code } } }"
FILE = """mutation ($id: ID!) { projectFile(id: $id, filingNumber: "53350600-1",
  platformLink: "https://example.org/plan") { state { code } appeal { isPublic } } }"""
DRAFT = "mutation ($i: WishInput!) { wishDraft(input: $i) { id state { code } actions } }"
SCREEN = """mutation ($id: ID!, $t: String!, $s: String!) {
  wishScreen(id: $id, publicTitle: $t, publicStory: $s) { state { code } actions } }"""
CLAIM = """mutation ($id: ID!, $q: Int) { claimMake(wishId: $id, quantity: $q) {
  id state { code } mode { code } amountFen heldUntil donation { id } } }"""


def move(name: str) -> str:
    return f"mutation ($id: ID!) {{ {name}(id: $id) {{ id state {{ code }} }} }}"


def donor_of(body: object = None) -> Asker:
    donor = somebody(Role.DONOR, make.CITY)
    assert donor.user
    with acting_as(SYSTEM):
        made = Donor.objects.create(user=donor.user)
        if body is not None:
            made.member_of.add(body)  # type: ignore[arg-type]
    return donor


def test_project_is_posted_decided_filed_and_opened() -> None:
    body = make.charity()
    officer = somebody(Role.CHARITY_OFFICER, organisation=body)
    brand = officer.ask("{ brands { id } }").data["brands"][0]["id"]
    opens = clock.today() + timedelta(days=20)
    given = {
        "organisationId": str(body.pk), "brandId": brand, "regionCode": make.CITY,
        "name": "助医", "purpose": "medical", "categories": ["dibao"], "budgetFen": 1_000_000,
        "householdQuota": 10, "minGrantFen": 0, "maxGrantFen": 100_000, "isExclusive": False,
        "opensOn": opens.isoformat(), "closesOn": (opens + timedelta(days=90)).isoformat(),
    }  # fmt: skip
    made = officer.ask(CREATE, i=given).data["projectCreate"]
    assert made["state"]["code"] == "draft"
    assert officer.ask(CREATE, i={**given, "purpose": "nonsense"}).code == "invalid"
    assert officer.ask(CREATE, i={**given, "categories": ["rich"]}).code == "invalid"
    assert officer.ask(CREATE, i={**given, "budgetFen": 10.5}).code == "invalid"
    assert officer.ask(CREATE, i={**given, "opensOn": "soon"}).code == "invalid"
    assert officer.ask(CREATE, i={**given, "householdQuota": -1}).code == "invalid"
    nothing = officer.ask(CREATE, i={**given, "budgetFen": 0})
    assert nothing.details["fields"] == {"budgetFen": "预算须大于零"}
    with acting_as(SYSTEM):
        assert Project.objects.count() == 1
    assert officer.ask(move("projectOpen"), id=made["id"]).code == "wrong_state"
    assert officer.ask(move("projectDecide"), id=made["id"]).data
    assert officer.ask(FILE, id=made["id"]).data["projectFile"]["appeal"] == {"isPublic": True}
    opened = officer.ask(move("projectOpen"), id=made["id"]).data["projectOpen"]
    assert opened["state"]["code"] == "open"


def test_wish_is_drafted_screened_verified_published_and_claimed_once() -> None:
    paying = rows.project(filing_number="53350600-1", platform_link="https://example.org/plan")
    home = make.household()
    need = make.need(home, of_person=make.person(home, name="欧阳测试"))
    make.consent(home, paying.organisation)
    charity = somebody(Role.CHARITY_OFFICER, organisation=paying.organisation)
    given = {
        "projectId": str(paying.pk), "needId": str(need.pk), "item": "轮椅", "quantity": 1,
        "unitPriceFen": 60_000, "publicTitle": "一把轮椅", "publicStory": "出行不便",
    }  # fmt: skip
    named = charity.ask(DRAFT, i={**given, "publicStory": "欧阳测试出行不便"})
    assert named.code == "text_identifies"
    assert list(named.details["fields"]) == ["publicStory"]
    assert not Wish.objects.exists()
    made = charity.ask(DRAFT, i=given).data["wishDraft"]
    key = made["id"]
    assert (made["state"]["code"], made["actions"]) == ("drafted", ["wishWithdraw"])
    assert charity.ask(move("wishVerify"), id=key).code == "same_person"
    assert charity.ask(move("wishPublish"), id=key).code == "wrong_state"
    county = somebody(Role.COUNTY_OFFICER)
    screened = county.ask(SCREEN, id=key, t="一把轮椅", s="出行不便，想要一把轮椅").data[
        "wishScreen"
    ]
    assert (screened["state"]["code"], screened["actions"]) == (
        "screened",
        ["wishVerify", "wishWithdraw"],
    )
    assert county.ask(move("wishVerify"), id=key).data
    assert (
        charity.ask(move("wishPublish"), id=key).data["wishPublish"]["state"]["code"] == "published"
    )

    donor, late = donor_of(), donor_of()
    public = "query ($id: ID!) { publicWish(id: $id) { mayClaim myClaim { id } progress } }"
    assert donor.ask(public, id=key).data["publicWish"]["mayClaim"] is True
    claim = donor.ask(CLAIM, key="claim-1", id=key).data["claimMake"]
    assert (claim["state"]["code"], claim["amountFen"]) == ("held", 60_000)
    assert donor.ask(CLAIM, key="claim-1", id=key).data["claimMake"] == claim
    mine = donor.ask(public, id=key).data["publicWish"]
    assert (mine["myClaim"], mine["progress"]) == ({"id": claim["id"]}, ["published", "claimed"])
    taken = late.ask(CLAIM, id=key)
    assert (taken.code, taken.details["code"]) == ("wish_taken", "O-02")
    assert late.ask(public, id=key).data["publicWish"]["myClaim"] is None
    with acting_as(SYSTEM):
        assert Claim.objects.count() == 1


def test_claim_that_other_aid_overtook_is_refused_and_counted_as_prevented() -> None:
    paying = rows.project(filing_number="53350600-1", platform_link="https://example.org/plan")
    wish = rows.published(paying, quantity=1, unit_price_fen=60_000)
    with acting_as(SYSTEM):
        aid_promise(
            need=wish.need, layer=Layer.CHARITY, organisation=paying.organisation,
            amount_fen=70_000, source_reference="other", actor=SYSTEM,
        )  # fmt: skip
    refused = donor_of().ask(CLAIM, id=str(wish.pk))
    assert (refused.code, refused.details["code"]) == ("overlap", "O-03")
    assert (refused.details["askedFen"], refused.details["residualFen"]) == (60_000, 30_000)
    with acting_as(SYSTEM):
        assert Prevented.objects.get().prevented_fen == 30_000
        assert (Claim.objects.count(), AidEntry.objects.count()) == (0, 1)


def test_project_without_filing_is_for_members_only() -> None:
    wish = rows.published()
    outsider, member = donor_of(), donor_of(wish.organisation)
    public = "query ($id: ID!) { publicWish(id: $id) { mayClaim mayNotReason } }"
    seen = outsider.ask(public, id=str(wish.pk)).data["publicWish"]
    assert seen == {"mayClaim": False, "mayNotReason": "募捐方案尚未备案，仅限本机构会员捐赠"}
    assert outsider.ask(CLAIM, id=str(wish.pk)).code == "not_public"
    assert member.ask(public, id=str(wish.pk)).data["publicWish"]["mayClaim"] is True
    assert member.ask(CLAIM, id=str(wish.pk)).data


def test_another_donors_claim_and_donation_are_not_there() -> None:
    wish = rows.published()
    owner, other = donor_of(wish.organisation), donor_of()
    claim = owner.ask(CLAIM, id=str(wish.pk)).data["claimMake"]
    pay = "mutation ($id: ID!) { donationCheckout(claimId: $id) { id } }"
    assert other.ask(pay, id=claim["id"]).code == "not_found"
    assert other.ask("{ myClaims { id } }").data["myClaims"] == []
    gone = other.ask("query ($id: ID!) { donation(id: $id) { id } }", id=claim["id"])
    assert gone.data == {"donation": None}
