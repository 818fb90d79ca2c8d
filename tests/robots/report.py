"""The table of rounds and losses."""

from __future__ import annotations

from collections.abc import Sequence

from tests.robots.running import Result

HEAD = "| round | MB | killed at | requests cut | lies | signed out | also | loaded again | seconds | KB resent per MB | in the end |"


def row(result: Result) -> str:
    """One line of the table."""
    plan, verdict = result.round, result.verdict
    also = [
        words
        for said, words in (
            (plan.without_signal, "chosen without signal"),
            (plan.two_tabs, "two tabs"),
            (plan.two_people, "two people"),
            (plan.true_2g, "true 2G: 250 kbit/s, 300 ms"),
        )
        if said
    ]
    cells = (
        "2G" if plan.true_2g else plan.number,
        f"{plan.size / 1e6:.1f}",
        "; ".join(result.kills),
        result.faults.total(),
        result.lies,
        result.signed_out,
        ", ".join(also) or "–",
        result.reloads,
        f"{result.seconds:.0f}",
        f"{result.resent:.0f}",
        "once, equal"
        if result.good
        else f"NOT GOOD: {verdict} {result.missed} left {result.left_on_phone} {result.trouble}",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(results: Sequence[Result]) -> str:
    return "\n".join([HEAD, "|" + " --- |" * (HEAD.count("|") - 1), *map(row, results)])


def summary(results: Sequence[Result], removals_due: int) -> str:
    """Everything together, each figure with its name."""
    verdicts = [result.verdict for result in results if result.verdict]
    size = sum(result.round.size for result in results)
    sent = sum(result.sent for result in results)
    figures: list[tuple[str, object]] = [
        ("rounds", len(results)),
        ("kills", sum(len(result.kills) for result in results)),
        ("requests or answers cut", sum(result.faults.total() for result in results)),
        ("answers of another network", sum(result.lies for result in results)),
        ("sessions ended on the way", sum(result.signed_out for result in results)),
        ("files lost", sum(verdict.times == 0 for verdict in verdicts)),
        ("files doubled", sum(verdict.times > 1 for verdict in verdicts)),
        ("hashes that differ", sum(not verdict.bytes_equal for verdict in verdicts)),
        ("pieces left on the server", sum(verdict.pieces_left for verdict in verdicts)),
        ("removals of pieces not done after a minute", removals_due),
        ("records left on a phone", sum(abs(result.left_on_phone) for result in results)),
        ("KB resent per MB", f"{(sent - size) / 1000 / (size / 1e6):.0f}"),
        ("minutes of all rounds together", f"{sum(result.seconds for result in results) / 60:.0f}"),
    ]
    return "\n".join(f"{name}: {figure}" for name, figure in figures)
