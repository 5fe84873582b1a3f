"""Every example in a kernel docstring runs, and every public kernel function of ours has one."""

import doctest
import importlib
import pkgutil

import pytest

import kernel

MODULES = sorted(module.name for module in pkgutil.iter_modules(kernel.__path__))
WITH_EXAMPLES = {"money", "masking", "resident_id", "uscc", "workdays", "workdays_data"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module_run(name: str) -> None:
    module = importlib.import_module(f"kernel.{name}")

    result = doctest.testmod(module)

    assert result.failed == 0
    assert name not in WITH_EXAMPLES or result.attempted > 0


@pytest.mark.parametrize("name", sorted(WITH_EXAMPLES))
def test_each_public_function_has_an_example(name: str) -> None:
    module = importlib.import_module(f"kernel.{name}")
    without = [
        key
        for key, thing in vars(module).items()
        if callable(thing)
        and not isinstance(thing, type)
        and not key.startswith("_")
        and getattr(thing, "__module__", None) == module.__name__
        and ">>>" not in (thing.__doc__ or "")
    ]

    assert without == []
