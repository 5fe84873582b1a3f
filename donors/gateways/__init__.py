"""Payment providers behind one interface."""

from django.conf import settings

from donors.gateways.base import Gateway
from donors.gateways.stripe_like import StripeLike
from kernel.errors import Refused


def gateway_of(provider: str) -> Gateway:
    """Return the provider by name: ``paysim`` in demo and tests, ``stripe`` where it is set up."""
    if provider == "paysim" and settings.DEMO:
        return StripeLike(
            name="paysim",
            api_key="sk_test_paysim",
            webhook_secret=settings.PAYMENT_WEBHOOK_SECRET,
            api_base=settings.PAYSIM_URL,
        )
    if provider == "stripe" and settings.PAYMENT_API_KEY and settings.PAYMENT_WEBHOOK_SECRET:
        return StripeLike(
            name="stripe",
            api_key=settings.PAYMENT_API_KEY,
            webhook_secret=settings.PAYMENT_WEBHOOK_SECRET,
        )
    raise Refused("provider_missing", "在线支付尚未配置，请改用银行转账")
