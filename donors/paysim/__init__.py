"""A payment provider that takes no money: same API, same page, same signed webhooks.

It validates requests against the stripe package's own types, honours idempotency keys, and can be
told to duplicate, reorder, delay and drop its webhooks. It knows no Django.
"""
