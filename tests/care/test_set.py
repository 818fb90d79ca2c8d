"""The rules stay as good as they were measured; what they read is never evidence as it usually is."""

from __future__ import annotations

from tests.care.measure import figures


def test_what_should_bring_the_card_brings_it_and_accounts_do_not() -> None:
    made = {key: value for key, value in figures().items() if key[0] != "fresh"}
    shown = sum(one for (_, kind), (one, _) in made.items() if kind != "quiet")
    total = sum(all_ for (_, kind), (_, all_) in made.items() if kind != "quiet")
    assert total >= 60
    assert shown / total >= 0.9
    for (_, kind), (one, all_) in figures().items():
        if kind == "quiet":
            assert one / all_ <= 0.05
