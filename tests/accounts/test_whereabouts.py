"""What names a place, and what follows from a change of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.whereabouts import Answer, Whereabouts, answer_to, network_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) Chrome/139.0 Mobile"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.9", "192.0.2.0/24"), ("192.0.2.250", "192.0.2.0/24"), ("192.0.3.9", "192.0.3.0/24"),
        ("2001:db8:7:1::5", "2001:db8:7::/48"), ("2001:db8:7:ffff::1", "2001:db8:7::/48"),
        ("::ffff:192.0.2.9", "192.0.2.0/24"), ("", ""), ("nowhere", ""), ("192.0.2.9/24", ""),
    ],
)  # fmt: skip
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.ip_addresses(v=6))
def test_any_network_fits_its_column(address: object) -> None:
    assert len(network_of(str(address))) <= 43


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        (("192.0.2.9", FIREFOX), ("192.0.2.77", FIREFOX.replace("140", "141")), ()),
        (("192.0.2.9", FIREFOX), ("198.51.100.7", FIREFOX), ("network",)),
        (("192.0.2.9", FIREFOX), ("192.0.2.9", CHROME), ("device",)),
        (("192.0.2.9", FIREFOX), ("192.0.2.9", ""), ("device",)),
        (("192.0.2.9", FIREFOX), ("", "curl/8"), ("network", "device")),
        (("", ""), ("192.0.2.9", FIREFOX), ()),
    ],
)
def test_what_counts_as_a_change(before: tuple[str, str], now: tuple[str, str], changed: tuple[str, ...]) -> None:
    assert Whereabouts.of(*now).changes(Whereabouts.of(*before)) == changed


@pytest.mark.parametrize(
    ("changes", "network", "device", "answer"),
    [
        ((), "sign_in", "sign_in", None),
        (("network",), "note", "sign_in", Answer.NOTE),
        (("network",), "step_up", "note", Answer.STEP_UP),
        (("network", "device"), "step_up", "sign_in", Answer.SIGN_IN),
        (("network", "device"), "note", "step_up", Answer.STEP_UP),
    ],
)
def test_the_strictest_answer_counts(changes: tuple[str, ...], network: str, device: str, answer: object) -> None:
    assert answer_to(changes, {"network": network, "device": device}) is answer
