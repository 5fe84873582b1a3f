"""Every write of the donors' side, by noun."""

from donors.services.claims import claim_cancel, claim_make, claims_expire
from donors.services.people import donor_add_member, donor_register

__all__ = [
    "claim_cancel",
    "claim_make",
    "claims_expire",
    "donor_add_member",
    "donor_register",
]
