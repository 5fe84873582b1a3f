"""Every write of the donors' side, by noun."""

from donors.services.claims import (
    claim_cancel,
    claim_make,
    claims_expire,
    claims_expire_of_wish,
)
from donors.services.deliveries import delivery_record
from donors.services.donations import (
    donation_checkout,
    donation_settle,
    donations_poll,
    event_settle,
    webhook_receive,
)
from donors.services.people import donor_add_member, donor_register

__all__ = [
    "claim_cancel",
    "claim_make",
    "claims_expire",
    "claims_expire_of_wish",
    "delivery_record",
    "donation_checkout",
    "donation_settle",
    "donations_poll",
    "donor_add_member",
    "donor_register",
    "event_settle",
    "webhook_receive",
]
