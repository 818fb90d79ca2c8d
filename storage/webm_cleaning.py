"""WebM without what it says about people: what plays stays, everything else becomes a Void of the same length.

The names of the programs that wrote it must be there (RFC 9559) and are emptied. Segments and clusters whose length
was left open, as browsers record them, are followed to the end of the file; their last block may be cut.
"""

from __future__ import annotations

from storage import ebml
from storage.boxes import Malformed
from storage.ebml import Element, as_void, element_at, elements, number
from storage.metadata import TAIL
from storage.patches import Plan
from storage.webm_elements import KEPT, clean_element, forget, goes, leave_or_remove, remove, void_all

_BLOCKS = {ebml.SIMPLE_BLOCK, ebml.BLOCK_GROUP}


def plan_webm(plan: Plan) -> None:
    """Plan the cleaning of one file. Raises `Malformed` where its structure cannot be followed."""
    head = element_at(plan, 0, plan.size)
    clean_element(plan, head)
    segment = element_at(plan, head.end, plan.size)
    if head.id != ebml.HEAD or segment.id != ebml.SEGMENT or segment.end > plan.size:
        raise Malformed("no WebM")
    _Segment(plan, segment).follow()
    if plan.holds_something(segment.end, plan.size):
        if plan.read(segment.end, min(4, plan.size - segment.end)) == ebml.HEAD.to_bytes(4, "big"):
            raise Malformed("a second film behind the first")
        plan.cut(segment.end)
        plan.words.add(TAIL)


class _Segment:
    """One segment on its way through: which tracks go is known when their blocks come."""

    def __init__(self, plan: Plan, segment: Element) -> None:
        self.plan, self.segment = plan, segment
        self.gone: set[int] = set()

    def follow(self) -> None:
        seeks: list[Element] = []
        checks: list[Element] = []
        before, at = self.plan.changes, self.segment.start
        while at < self.segment.end:
            element = self._next(at)
            if element.id == ebml.CLUSTER:
                at = self._cluster(element)
                continue
            if element.id == ebml.TRACKS:
                self._tracks(element)
            elif element.id == ebml.CRC:
                checks.append(element)
            elif element.id in KEPT:
                seeks += [element] if element.id == ebml.SEEK_HEAD else []
                clean_element(self.plan, element)
            else:
                remove(self.plan, element)
            at = element.end
        if self.plan.changes > before:
            for seek in seeks:
                forget(self.plan, seek)
            void_all(self.plan, checks)

    def _next(self, at: int) -> Element:
        element = element_at(self.plan, at, self.segment.end)
        if element.id == ebml.CLUSTER and self.segment.open:
            return element._replace(end=min(element.end, self.segment.end))
        if element.open or element.end > self.segment.end or element.id in (ebml.HEAD, ebml.SEGMENT):
            raise Malformed("an element has no end")
        return element

    def _tracks(self, tracks: Element) -> None:
        for track in elements(self.plan, tracks.start, tracks.end):
            if track.id == ebml.TRACK and goes(self.plan, track):
                named = elements(self.plan, track.start, track.end)
                self.gone |= {number(self.plan, one) for one in named if one.id == ebml.TRACK_NUMBER}
        clean_element(self.plan, tracks)

    def _cluster(self, cluster: Element) -> int:
        """Where it ends: an open one ends where something else begins."""
        before, at = self.plan.changes, cluster.start
        checks: list[Element] = []
        while at < cluster.end:
            child = self._child(cluster, at)
            if cluster.open and child.id in ebml.TOP:
                break
            if child.id == ebml.CRC:
                checks.append(child)
            elif child.id not in _BLOCKS:
                leave_or_remove(self.plan, child, ebml.CLUSTER)
            elif self.gone and self._of(child) in self.gone:
                as_void(self.plan, child)
            at = child.end
        if self.plan.changes > before:
            void_all(self.plan, checks)
        return at

    def _child(self, cluster: Element, at: int) -> Element:
        """What begins here in a cluster; recording may have stopped within a block."""
        child = element_at(self.plan, at, cluster.end)
        if child.id in _BLOCKS and child.end > cluster.end == self.plan.size:
            return child._replace(end=cluster.end)
        if child.id in ebml.TOP and cluster.open:
            return child
        if child.open or child.end > cluster.end or child.id in (ebml.HEAD, ebml.SEGMENT):
            raise Malformed("a block has no end")
        return child

    def _of(self, block: Element) -> int:
        """The number of the track that a block belongs to."""
        if block.id == ebml.BLOCK_GROUP:
            cut = frozenset({ebml.BLOCK})
            found = [
                one for one in elements(self.plan, block.start, block.end, cut=cut) if one.id == ebml.BLOCK
            ]
            if not found:
                return 0
            block = found[0]
        head = self.plan.read(block.start, min(8, block.end - block.start))
        width = 9 - head[0].bit_length() if head and head[0] else 9
        if width > len(head):
            raise Malformed("a block of no track")
        return int.from_bytes(head[:width], "big") & ((1 << 7 * width) - 1)
