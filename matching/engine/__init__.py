"""The matching engine: arrays in; grants, prices and a certificate out. No Django, no I/O, no clock
but the optional time limit.

``problem`` states it, ``solve`` solves it, ``check`` counts violations with code of its own,
``explain`` says why, ``instances`` makes synthetic cities.
"""

#: Changes when the same input may give another answer.
ENGINE_VERSION = "2"
