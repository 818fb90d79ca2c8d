"""Pictures and sounds for the demonstration, drawn in code and the same, byte for byte, on each call.

A photo carries a place, a camera and an owner on purpose, so that the cleaning of uploads has something to remove.
The place is a point in the open North Sea and the owner is invented. (The bytes of a photo depend on the Pillow
release, which the lock file pins.)
"""

import io
import itertools
import math
import wave
from collections.abc import Iterator

from PIL import ExifTags, Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import IFDRational

from portfolio.demo.documents import WRITTEN_AT

PHOTO_SIZE = (1200, 900)
LONGEST_AUDIO_SECONDS = 14
SAMPLES_PER_SECOND = 8000

_PAPER, _INK, _FAINT = (250, 249, 244), (44, 52, 66), (205, 208, 214)
_FILLS = ((221, 234, 246), (226, 240, 217), (255, 236, 204), (243, 220, 232), (228, 223, 244))
_NORTH_SEA = ((55.0, 30.0, 0.0), (2.0, 0.0, 0.0))
"""55° 30' north, 2° east: degrees, minutes, seconds."""


def numbers_from(seed: int) -> Iterator[int]:
    """Numbers that look random and never change: a small linear congruential generator."""
    state = (seed * 2654435761 + 12345) % 2**31
    while True:
        state = (state * 1103515245 + 12345) % 2**31
        yield state >> 8


def photo(seed: int) -> bytes:
    """A JPEG of something drawn at work: a flow chart, a whiteboard or a training room plan, by `seed % 3`.

    It shows 1200 by 900 pixels. Every fourth one is stored on its side with an orientation tag, as phones do.
    """
    picture = Image.new("RGB", PHOTO_SIZE, _PAPER)
    numbers = numbers_from(seed)
    (_flow_chart, _whiteboard, _room_plan)[seed % 3](ImageDraw.Draw(picture), numbers)
    on_its_side = seed % 4 == 3
    if on_its_side:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, exif=_phone_tags(numbers, orientation=6 if on_its_side else 1))
    return out.getvalue()


def _phone_tags(numbers: Iterator[int], *, orientation: int) -> Image.Exif:
    """What a phone writes beside the picture: camera, owner, time and place."""
    taken = f"{WRITTEN_AT:%Y:%m:%d} {8 + next(numbers) % 9:02}:{next(numbers) % 60:02}:00"
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Examplephone"
    exif[ExifTags.Base.Model] = f"Demo {1 + next(numbers) % 9}"
    exif[ExifTags.Base.Software] = "Demo Camera 1.0"
    exif[ExifTags.Base.Artist] = "Phone of an invented person"
    exif[ExifTags.Base.DateTime] = taken
    exif[ExifTags.Base.Orientation] = orientation
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = taken
    camera[ExifTags.Base.BodySerialNumber] = f"DEMO{next(numbers) % 10**6:06}"
    north, east = _NORTH_SEA
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = tuple(IFDRational(part) for part in north)
    place[ExifTags.GPS.GPSLongitudeRef] = "E"
    place[ExifTags.GPS.GPSLongitude] = tuple(IFDRational(part) for part in east)
    return exif


def _words(draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int = 30) -> None:
    draw.text(at, text, fill=_INK, font=ImageFont.load_default(size), anchor="mm")


def _flow_chart(draw: ImageDraw.ImageDraw, numbers: Iterator[int]) -> None:
    steps = (
        "Concern",
        "Listen and record",
        "Same-day decision",
        "Early help or referral",
        "Review",
        "Tell who raised it",
    )
    _words(draw, (600, 60), "What happens after a concern", 46)
    places = [(330, 200), (870, 200), (870, 420), (330, 420), (330, 640), (870, 640)]
    for (x1, y1), (x2, y2) in itertools.pairwise(places):
        draw.line((x1, y1, x2, y2), fill=_INK, width=5)
    for step, (x, y) in zip(steps, places, strict=True):
        wobble = next(numbers) % 13 - 6
        box = (x - 210, y - 62 + wobble, x + 210, y + 62 + wobble)
        draw.rounded_rectangle(box, 18, fill=_FILLS[next(numbers) % 5], outline=_INK, width=4)
        _words(draw, (x, y + wobble), step)
    _words(draw, (600, 820), f"Version {1 + next(numbers) % 9}, check with the policy", 26)


def _whiteboard(draw: ImageDraw.ImageDraw, numbers: Iterator[int]) -> None:
    draw.rectangle((30, 30, 1170, 870), outline=(150, 155, 165), width=16)
    for column, heading in enumerate(("New", "In hand", "Waiting", "Closed")):
        left = 60 + column * 275
        _words(draw, (left + 125, 95), heading, 40)
        draw.line((left + 262, 70, left + 262, 830), fill=_FAINT, width=4)
        for row in range(1 + next(numbers) % 5):
            x, y = left + 20 + next(numbers) % 20, 150 + row * 135 + next(numbers) % 14
            draw.rectangle((x, y, x + 205, y + 105), fill=_FILLS[next(numbers) % 5], outline=_FAINT, width=2)
            _words(draw, (x + 102, y + 36), f"Ref {100 + next(numbers) % 900}")
            draw.line((x + 22, y + 76, x + 90 + next(numbers) % 90, y + 76), fill=_INK, width=4)


def _room_plan(draw: ImageDraw.ImageDraw, numbers: Iterator[int]) -> None:
    draw.rectangle((60, 110, 1140, 850), outline=_INK, width=8)
    _words(draw, (600, 60), "Training room plan", 46)
    draw.rectangle((400, 130, 800, 165), fill=_FAINT, outline=_INK, width=3)
    _words(draw, (600, 190), "screen", 26)
    for row in range(3):
        for column in range(2 + next(numbers) % 3):
            x, y = 210 + column * 250 + next(numbers) % 16, 310 + row * 190 + next(numbers) % 12
            fill = _FILLS[next(numbers) % 5]
            draw.ellipse((x - 70, y - 55, x + 70, y + 55), fill=fill, outline=_INK, width=4)
            for side in (-95, 95):
                draw.ellipse((x + side - 16, y - 16, x + side + 16, y + 16), outline=_INK, width=4)
    draw.line((60, 760, 60, 840), fill=_PAPER, width=16)
    _words(draw, (120, 808), "door", 26)


def audio(seconds: int, seed: int) -> bytes:
    """A WAV of soft tones, 8 kHz, mono, 8 bit, standing in for a recorded discussion: no voice, no words.

    Raises ValueError outside 1 to 14 seconds, which keeps it below 120 KB.
    """
    if not 1 <= seconds <= LONGEST_AUDIO_SECONDS:
        raise ValueError(f"seconds must be 1 to {LONGEST_AUDIO_SECONDS}, not {seconds}")
    numbers = numbers_from(seed)
    samples = bytearray()
    for _ in range(seconds * 2):  # one tone each half second, rising and fading so that it does not click
        pitch, length = 180 + next(numbers) % 160, SAMPLES_PER_SECOND // 2
        samples += bytes(
            128
            + round(
                24 * math.sin(math.pi * at / length) * math.sin(2 * math.pi * pitch * at / SAMPLES_PER_SECOND)
            )
            for at in range(length)
        )
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(SAMPLES_PER_SECOND)
        sound.writeframes(bytes(samples))
    return out.getvalue()
