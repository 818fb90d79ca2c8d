"""What a benchmark found: each figure beside its target and a verdict, as lines while it runs and as a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Figure:
    name: str
    measured: str
    must: str
    stretch: str
    verdict: str


class Report:
    """What was found, printed as it comes and as a table at the end."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def at_most(self, name: str, value: float, must: float, stretch: float, note: str = "") -> None:
        self._add(name, value, must, stretch, note, value <= must, value <= stretch, "≤")

    def at_least(self, name: str, value: float, must: float, stretch: float, note: str = "") -> None:
        self._add(name, value, must, stretch, note, value >= must, value >= stretch, "≥")

    def _add(
        self, name: str, value: float, must: float, stretch: float, note: str, ok: bool, best: bool, sign: str
    ) -> None:
        verdict = "stretch" if best else "must" if ok else "MISSED"
        measured = f"{value:.3g}" + (f" ({note})" if note else "")
        self.figures.append(Figure(name, measured, f"{sign} {must:g}", f"{sign} {stretch:g}", verdict))
        print(
            f"  {name}: {measured}  must {sign} {must:g}, stretch {sign} {stretch:g}: {verdict}", flush=True
        )

    def constant(self, name: str, counts: dict[int, int]) -> None:
        same = len(set(counts.values())) == 1
        shown = ", ".join(f"{count} at {size}" for size, count in counts.items())
        self.figures.append(Figure(name, shown, "constant", "–", "must" if same else "MISSED"))
        print(f"  {name}: {shown}: {'constant' if same else 'GROWS'}", flush=True)

    def table(self) -> str:
        lines = ["| Figure | Measured | Must | Stretch | Reached |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {f.name} | {f.measured} | {f.must} | {f.stretch} | {f.verdict} |" for f in self.figures]
        return "\n".join(lines)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
