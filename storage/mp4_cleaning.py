"""MP4, MOV and M4A without what they say about people: no frame and no sample is touched, nothing moves.

What a player needs stays, everything else is emptied in its place (storage.mp4_boxes). Inside pictures and sounds
nothing is looked for: an encoder may name itself and its settings there (x264 does), but not the person.
"""

from __future__ import annotations

from collections.abc import Iterable

from storage.boxes import Malformed
from storage.metadata import CHAPTERS, LOCATION, OTHER, PROGRAM, SENSORS, TAIL, TIME
from storage.mp4_boxes import KEPT, Held, children, inside, kept_children, number, remove
from storage.mp4_entries import clean_entries
from storage.mp4_fragments import default_sizes, pieces_of
from storage.mp4_tracks import Spans, Track, joined, samples_of, tracks_of
from storage.patches import PIECE, Plan

_HEADS = {b"mvhd", b"tkhd", b"mdhd"}
_GONE_WORDS = {b"tmcd": TIME, b"text": CHAPTERS, b"meta": SENSORS, b"camm": SENSORS, b"gpmd": SENSORS}
_LOOKED_AT = 16
_PLACES = (b"GPS", b"gps", b"ocation", b"ISO6709", b"camm")


def plan_mp4(plan: Plan) -> None:
    """Plan the cleaning of one file. Raises `Malformed` where its structure cannot be followed."""
    top = _top(plan)
    movies = [held for held in top if held.type == b"moov"]
    if len(movies) != 1:
        raise Malformed("not one movie")
    tracks = tracks_of(plan, movies[0])
    stay = {track.id for track in tracks if track.stays}
    sizes = default_sizes(plan, movies[0])
    fragments = [held for held in top if held.type == b"moof"]
    media = Spans((held.start, held.end) for held in top if held.type == b"mdat")
    for track in tracks:
        if not track.stays:
            _empty(plan, media, samples_of(plan, track), track)
    for fragment in fragments:
        _clean_fragment(plan, fragment, media, sizes, stay)
    for held in top:
        if held.type in (b"moov", b"mfra"):
            _walk(plan, held, {track.box.at: track for track in tracks}, stay)
    _no_sample_is_touched(plan, [track for track in tracks if track.stays], fragments, sizes)


def _top(plan: Plan) -> list[Held]:
    """The boxes of the file that stay. What comes after a whole film and is no box is cut off."""
    top: list[Held] = []
    at = 0
    try:
        for held in kept_children(plan, b"", 0, plan.size):
            top.append(held)
            at = held.end
    except Malformed:
        if not {b"moov", b"mdat"} <= {held.type for held in top}:
            raise
        at = _last_whole(plan, at)
        if plan.holds_something(at, plan.size):
            plan.cut(at)
            plan.words.add(TAIL)
    return top


def _last_whole(plan: Plan, at: int) -> int:
    """Where the last box ends that can be followed, from here on."""
    try:
        for held in children(plan, at, plan.size):
            at = held.end
    except Malformed:
        return at
    return at


def _walk(plan: Plan, around: Held, tracks: dict[int, Track], stay: set[int], handler: bytes = b"") -> None:
    """Clean what is in a box whose content is listed, box by box."""
    for held in kept_children(plan, around.type, around.start, around.end):
        track = tracks.get(held.at)
        if track and not track.stays:
            remove(plan, held, _gone_words(plan, track))
        elif held.type in (b"trex", b"tfra") and number(plan, held.start + 4) not in stay:
            remove(plan, held, set())
        elif held.type in KEPT:
            _walk(plan, held, tracks, stay, track.handler if track else handler)
        else:
            _clean_one(plan, held, stay, handler)


def _clean_one(plan: Plan, held: Held, stay: set[int], handler: bytes) -> None:
    if held.type in _HEADS:
        width = 16 if plan.read(held.start, 1) == b"\1" else 8
        if held.start + 4 + width > held.end:
            raise Malformed("a head without its times")
        _empty_part(plan, held.start + 4, held.start + 4 + width, TIME)
    elif held.type == b"hdlr":
        _empty_part(plan, held.start + 12, held.end, PROGRAM)  # maker, flags and name
    elif held.type == b"stsd":
        clean_entries(plan, held, handler)
    elif held.type == b"dref":
        for place in children(plan, held.start + 8, held.end):  # where the film once lay, on which disk
            _empty_part(plan, place.start + 4, place.end, OTHER)
    elif held.type == b"tref":
        _keep_references(plan, held, stay)


def _empty_part(plan: Plan, start: int, end: int, word: str) -> None:
    if plan.zero(start, end):
        plan.words.add(word)


def _keep_references(plan: Plan, references: Held, stay: set[int]) -> None:
    """A track refers to others by number; to those that go, no more."""
    for held in children(plan, references.start, references.end):
        others = {number(plan, at) for at in range(held.start, held.end - 3, 4)}
        if not others <= stay:
            remove(plan, held, set())


def _clean_fragment(plan: Plan, fragment: Held, media: Spans, sizes: dict[int, int], stay: set[int]) -> None:
    gone: set[int] = set()
    for piece in pieces_of(plan, fragment, sizes):
        if piece.track not in stay:
            _empty(plan, media, piece.runs)
            gone.add(piece.box.at)
        elif gone and piece.leans:
            raise Malformed("a piece leans on one that goes")
    for held in kept_children(plan, b"moof", fragment.start, fragment.end):
        if held.at in gone:
            remove(plan, held, {SENSORS})
        elif held.type == b"traf":
            list(kept_children(plan, b"traf", held.start, held.end))


def _empty(plan: Plan, media: Spans, samples: Iterable[tuple[int, int]], track: Track | None = None) -> None:
    """Empty the samples of a track that goes; the first of them say whether they are places."""
    told = track is None or track.handler in (b"meta", b"camm", b"gpmd")
    for index, (start, end) in enumerate(joined(samples)):
        if not media.hold(start, end):
            raise Malformed("samples outside of the media")
        if told and index < _LOOKED_AT:
            piece = plan.read(start, min(end - start, 4096))
            plan.words |= {LOCATION} if any(mark in piece for mark in _PLACES) else set()
        plan.zero(start, end)


def _gone_words(plan: Plan, track: Track) -> set[str]:
    """What a track measured is told by its kind, and by the keys in its sample entries."""
    words = {LOCATION if track.places else _GONE_WORDS.get(track.handler, OTHER)}
    for table in inside(plan, track.table, b"stsd") if track.table else []:
        entry = plan.read(table.start, min(PIECE, table.end - table.start))
        words |= {LOCATION} if any(mark in entry for mark in _PLACES) else set()
    return words


def _no_sample_is_touched(
    plan: Plan, stay: list[Track], fragments: list[Held], sizes: dict[int, int]
) -> None:
    """Whatever was planned, no byte of what is seen or heard may be part of it. Raises `Malformed`."""
    if not plan.zeroed and plan.end is None:
        return
    gone = Spans([*plan.zeroed, *([] if plan.end is None else [(plan.end, plan.size)])])
    for track in stay:
        if any(gone.touch(start, end) for start, end in samples_of(plan, track)):
            raise Malformed("samples lie where something goes")
    ids = {track.id for track in stay}
    for fragment in fragments:
        pieces = [piece for piece in pieces_of(plan, fragment, sizes) if piece.track in ids]
        if any(gone.touch(start, end) for piece in pieces for start, end in piece.runs):
            raise Malformed("samples lie where something goes")
