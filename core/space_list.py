"""The working spaces, as data."""

from __future__ import annotations

from .space import Kind, Space


def _pairs(curves: str, gamuts: str) -> tuple[str, ...]:
    """Every "gamut / curve" and "curve gamut" of comma-separated names."""
    return tuple(
        alias
        for curve in curves.split(", ")
        for gamut in gamuts.split(", ")
        for alias in (f"{gamut} / {curve}", f"{curve} {gamut}")
    )


def _log(
    name: str,
    vendor: str,
    meaning: str,
    curves: str,
    gamuts: str = "",
    also: str = "",
    computed: bool = False,
) -> Space:
    """A log space. ``also`` : aliases that name it alone, such as the bare curve."""
    aliases = (
        *(also.split(", ") if also else ()),
        *(_pairs(curves, gamuts) if gamuts else curves.split(", ")),
    )
    return Space(name, "log", vendor, meaning, aliases, name, "computed" if computed else "config")


def _plain(kind: Kind, name: str, vendor: str, meaning: str, also: str, ocio: str = "") -> Space:
    return Space(name, kind, vendor, meaning, tuple(also.split(", ")), ocio or name)


_LOG = (
    _log("ACEScct", "ACES", "ACES grading space, log with a toe, AP1", "ACEScct", "AP1, ACES (AP1)"),
    _log("ACEScc", "ACES", "ACES grading space, pure log, AP1", "ACEScc", "AP1, ACES (AP1)"),
    _log(
        "DaVinci Intermediate WideGamut",
        "Blackmagic Design",
        "Resolve's own wide-gamut timeline",
        "DaVinci Intermediate, Intermediate",
        "DaVinci WG, DaVinci Wide Gamut, DWG",
        "DaVinci Intermediate, DaVinci Wide Gamut, DaVinci WG, DWG, DWG/DI",
    ),
    _log(
        "S-Log3 S-Gamut3.Cine",
        "Sony",
        "Sony cameras, the gamut most people grade in; plain 'S-Log3' means this",
        "S-Log3",
        "S-Gamut3.Cine, SGamut3Cine",
        "S-Log3, slog3",
    ),
    _log("S-Log3 S-Gamut3", "Sony", "Sony cameras, native gamut", "S-Log3", "S-Gamut3"),
    _log(
        "S-Log3 Venice S-Gamut3.Cine",
        "Sony",
        "Sony Venice, .Cine gamut",
        "S-Log3",
        "Venice S-Gamut3.Cine, S-Gamut3.Cine Venice",
    ),
    _log(
        "S-Log3 Venice S-Gamut3",
        "Sony",
        "Sony Venice, native gamut",
        "S-Log3",
        "Venice S-Gamut3, S-Gamut3 Venice",
    ),
    _log("S-Log2 S-Gamut", "Sony", "older Sony cameras", "S-Log2", "S-Gamut", "S-Log2", computed=True),
    _log(
        "ARRI LogC4",
        "ARRI",
        "ALEXA 35, Wide Gamut 4",
        "LogC4",
        "Wide Gamut 4, ARRI Wide Gamut 4, AWG4",
        "LogC4",
    ),
    _log(
        "ARRI LogC3 (EI800)",
        "ARRI",
        "ALEXA before LogC4, at EI 800, Wide Gamut 3",
        "LogC3",
        "Wide Gamut 3, AWG3, ALEXA Wide Gamut",
        "LogC3, LogC, LogC EI800, LogC3 EI800, ALEXA LogC",
    ),
    _log(
        "V-Log V-Gamut",
        "Panasonic",
        "Panasonic Lumix and Varicam",
        "V-Log, VLog",
        "V-Gamut",
        "V-Log, V-Log L",
    ),
    _log(
        "CanonLog3 CinemaGamut D55",
        "Canon",
        "Canon EOS, C-Log 3",
        "Canon Log 3, C-Log3, C-Log 3",
        "Canon Cinema Gamut, Cinema Gamut, Cinema Gamut D55",
        "Canon Log 3, C-Log3, CLog3, Canon C-Log3",
    ),
    _log(
        "CanonLog2 CinemaGamut D55",
        "Canon",
        "Canon Cinema EOS, C-Log 2",
        "Canon Log 2, C-Log2, C-Log 2",
        "Canon Cinema Gamut, Cinema Gamut, Cinema Gamut D55",
        "Canon Log 2, C-Log2, CLog2, Canon C-Log2",
    ),
    _log(
        "CanonLog CinemaGamut D55",
        "Canon",
        "Canon EOS, the first C-Log",
        "Canon Log, C-Log, Canon Log 1, C-Log1",
        "Canon Cinema Gamut, Cinema Gamut, Cinema Gamut D55",
        "Canon Log, Canon Log 1, C-Log, C-Log1, Canon C-Log",
        computed=True,
    ),
    _log(
        "Log3G10 REDWideGamutRGB",
        "RED",
        "RED cameras, IPP2",
        "Log3G10, RED Log3G10",
        "REDWideGamutRGB, RWG",
        "Log3G10, REDLog3G10, RED",
    ),
    _log(
        "BMDFilm WideGamut Gen5",
        "Blackmagic Design",
        "Blackmagic cameras, Gen 5 colour science",
        "Film Gen 5, Blackmagic Design Film Gen 5",
        "Wide Gamut Gen 5, Wide Gamut Gen 4/5",
        "BMD Film Gen 5, Film Gen 5, BMDFilm, Blackmagic Film",
    ),
    _log("Apple Log", "Apple", "iPhone, Rec.2020 primaries", "Apple Log", "Rec.2020", "Apple Log, AppleLog"),
    _log("D-Log D-Gamut", "DJI", "DJI cinema cameras and drones", "D-Log", "D-Gamut", "D-Log"),
    _log(
        "F-Log F-Gamut",
        "Fujifilm",
        "Fujifilm X and GFX, Rec.2020 primaries",
        "F-Log",
        "F-Gamut, Rec.2020",
        "F-Log",
        computed=True,
    ),
    _log(
        "F-Log2 F-Gamut",
        "Fujifilm",
        "Fujifilm from the X-H2S on, Rec.2020 primaries",
        "F-Log2",
        "F-Gamut, Rec.2020",
        "F-Log2",
        computed=True,
    ),
    _log(
        "F-Log2 C F-Gamut C",
        "Fujifilm",
        "Fujifilm GFX Eterna and later, wider gamut",
        "F-Log2, F-Log2 C",
        "F-Gamut C",
        "F-Log2 C",
        computed=True,
    ),
    _log(
        "N-Log N-Gamut",
        "Nikon",
        "Nikon Z, Rec.2020 primaries",
        "N-Log",
        "N-Gamut, Rec.2020",
        "N-Log",
        computed=True,
    ),
    _log(
        "L-Log Rec.2020", "Leica", "Leica SL, Rec.2020 primaries", "L-Log", "Rec.2020", "L-Log", computed=True
    ),
    _log("ADX10", "ACES", "film scans as 10-bit densities", "ADX 10"),
    _log("ADX16", "ACES", "film scans as 16-bit densities", "ADX 16"),
)

_LINEAR = tuple(
    _plain("scene-linear", *row)
    for row in (
        (
            "ACEScg",
            "ACES",
            "ACES rendering and compositing, AP1",
            "AP1 linear, linear AP1, ACES (AP1) / Linear",
        ),
        ("ACES2065-1", "ACES", "ACES interchange, AP0", "ACES, AP0 linear, linear AP0, ACES (AP0) / Linear"),
        (
            "Linear Rec.709 (sRGB)",
            "ITU",
            "linear light, sRGB primaries; Blender's default",
            "linear sRGB, linear Rec.709, Rec.709 / Linear, sRGB linear",
        ),
        ("Linear Rec.2020", "ITU", "linear light, Rec.2020 primaries", "Rec.2020 / Linear, Rec.2020 linear"),
        ("Linear P3-D65", "DCI", "linear light, P3 primaries, D65", "P3-D65 / Linear, linear Display P3"),
        ("Linear AdobeRGB", "Adobe", "linear light, Adobe RGB primaries", "linear Adobe RGB (1998)"),
        (
            "Linear ARRI Wide Gamut 4",
            "ARRI",
            "linear light, LogC4's primaries",
            "linear AWG4, ARRI Wide Gamut 4 / Linear",
        ),
        (
            "Linear ARRI Wide Gamut 3",
            "ARRI",
            "linear light, LogC3's primaries",
            "linear AWG3, ARRI Wide Gamut 3 / Linear",
        ),
        (
            "Linear BMD WideGamut Gen5",
            "Blackmagic Design",
            "linear light, Film Gen 5's primaries",
            "Wide Gamut Gen 5 / Linear, linear Wide Gamut Gen 5",
        ),
        (
            "Linear DaVinci WideGamut",
            "Blackmagic Design",
            "linear light, DaVinci Wide Gamut",
            "linear DWG, DWG linear, DaVinci WG / Linear, linear DaVinci WG",
        ),
        (
            "Linear CinemaGamut D55",
            "Canon",
            "linear light, Canon Cinema Gamut",
            "linear Cinema Gamut, Canon Cinema Gamut / Linear",
        ),
        ("Linear D-Gamut", "DJI", "linear light, DJI D-Gamut", "D-Gamut / Linear"),
        ("Linear V-Gamut", "Panasonic", "linear light, Panasonic V-Gamut", "V-Gamut / Linear"),
        (
            "Linear REDWideGamutRGB",
            "RED",
            "linear light, REDWideGamutRGB",
            "linear RWG, REDWideGamutRGB / Linear",
        ),
        ("Linear S-Gamut3.Cine", "Sony", "linear light, S-Gamut3.Cine", "S-Gamut3.Cine / Linear"),
        ("Linear S-Gamut3", "Sony", "linear light, S-Gamut3", "S-Gamut3 / Linear"),
        (
            "Linear Venice S-Gamut3.Cine",
            "Sony",
            "linear light, Venice S-Gamut3.Cine",
            "Venice S-Gamut3.Cine / Linear",
        ),
        ("Linear Venice S-Gamut3", "Sony", "linear light, Venice S-Gamut3", "Venice S-Gamut3 / Linear"),
    )
)

_DISPLAY = tuple(
    _plain("display", *row)
    for row in (
        (
            "sRGB",
            "IEC",
            "computer screens; what predictions are made in",
            "sRGB / sRGB, Rec.709 / sRGB, sRGB texture, sRGB Encoded Rec.709 (sRGB), IEC 61966-2-1",
            "sRGB - Display",
        ),
        (
            "Rec.709 Gamma 2.4",
            "ITU",
            "video monitors (BT.1886); Resolve's unmanaged timeline",
            "Rec.709, Rec.709 / Gamma 2.4, gamma 2.4, BT.1886, Rec.1886, BT.709, Gamma 2.4 Encoded Rec.709",
            "Rec.1886 Rec.709 - Display",
        ),
        (
            "Rec.709 Gamma 2.2",
            "ITU",
            "video for web and office screens",
            "Rec.709 / Gamma 2.2, gamma 2.2, Gamma 2.2 Encoded Rec.709",
            "Gamma 2.2 Rec.709 - Display",
        ),
        (
            "Display P3",
            "Apple",
            "Apple screens and phones: P3 primaries, sRGB curve",
            "P3-D65 / sRGB, P3 display, P3, sRGB Encoded P3-D65",
            "Display P3 - Display",
        ),
        (
            "P3-D65 Gamma 2.6",
            "DCI",
            "cinema mastering monitors",
            "P3-D65 / Gamma 2.6, P3-D65, gamma 2.6",
            "P3-D65 - Display",
        ),
        (
            "Adobe RGB",
            "Adobe",
            "photo prints and wide-gamut photo screens",
            "Adobe RGB (1998)",
            "Gamma 2.2 Encoded AdobeRGB",
        ),
    )
)

SPACES: tuple[Space, ...] = (*_LOG, *_LINEAR, *_DISPLAY)

# DaVinci Resolve's (colorSpaceTimeline, colorSpaceTimelineGamma), as the scripting API prints them
# when colour space and gamma are separate.
RESOLVE_PAIRS: dict[tuple[str, str], str] = {
    ("Rec.709", "Gamma 2.4"): "Rec.709 Gamma 2.4",
    ("Rec.709", "Gamma 2.2"): "Rec.709 Gamma 2.2",
    ("Rec.709", "sRGB"): "sRGB",
    ("sRGB", "sRGB"): "sRGB",
    ("P3-D65", "sRGB"): "Display P3",
    ("P3-D65", "Gamma 2.6"): "P3-D65 Gamma 2.6",
    ("Rec.709", "Linear"): "Linear Rec.709 (sRGB)",
    ("Rec.2020", "Linear"): "Linear Rec.2020",
    ("P3-D65", "Linear"): "Linear P3-D65",
    ("ACES (AP0)", "Linear"): "ACES2065-1",
    ("ACES (AP1)", "Linear"): "ACEScg",
    ("ACES (AP1)", "ACEScct"): "ACEScct",
    ("ACES (AP1)", "ACEScc"): "ACEScc",
    ("DaVinci WG", "DaVinci Intermediate"): "DaVinci Intermediate WideGamut",
    ("DaVinci WG", "Linear"): "Linear DaVinci WideGamut",
    ("ARRI Wide Gamut 3", "ARRI LogC3"): "ARRI LogC3 (EI800)",
    ("ARRI Wide Gamut 4", "ARRI LogC4"): "ARRI LogC4",
    ("Sony S-Gamut3", "S-Log3"): "S-Log3 S-Gamut3",
    ("Sony S-Gamut3.Cine", "S-Log3"): "S-Log3 S-Gamut3.Cine",
    ("Sony S-Gamut", "S-Log2"): "S-Log2 S-Gamut",
    ("Panasonic V-Gamut", "Panasonic V-Log"): "V-Log V-Gamut",
    ("Canon Cinema Gamut", "Canon Log"): "CanonLog CinemaGamut D55",
    ("Canon Cinema Gamut", "Canon Log 2"): "CanonLog2 CinemaGamut D55",
    ("Canon Cinema Gamut", "Canon Log 3"): "CanonLog3 CinemaGamut D55",
    ("REDWideGamutRGB", "RED Log3G10"): "Log3G10 REDWideGamutRGB",
    ("Blackmagic Design Wide Gamut Gen 4/5", "Blackmagic Design Film Gen 5"): "BMDFilm WideGamut Gen5",
    ("Rec.2020", "Apple Log"): "Apple Log",
    ("DJI D-Gamut", "DJI D-Log"): "D-Log D-Gamut",
    ("Rec.2020", "Fujifilm F-Log"): "F-Log F-Gamut",
    ("Rec.2020", "Fujifilm F-Log2"): "F-Log2 F-Gamut",
    ("Rec.2020", "Nikon N-Log"): "N-Log N-Gamut",
    ("Rec.2020", "Leica L-Log"): "L-Log Rec.2020",
}

# The one name it prints when they are not separate.
RESOLVE_COMBINED: dict[str, tuple[str, str]] = {
    "Rec.709 Gamma 2.4": ("Rec.709", "Gamma 2.4"),
    "Rec.709 Gamma 2.2": ("Rec.709", "Gamma 2.2"),
    "sRGB": ("sRGB", "sRGB"),
    "ACES": ("ACES (AP0)", "Linear"),
    "ACEScg": ("ACES (AP1)", "Linear"),
    "ACEScct": ("ACES (AP1)", "ACEScct"),
    "ACEScc": ("ACES (AP1)", "ACEScc"),
    "DaVinci WG/Intermediate": ("DaVinci WG", "DaVinci Intermediate"),
    "ARRI LogC3": ("ARRI Wide Gamut 3", "ARRI LogC3"),
    "ARRI LogC4": ("ARRI Wide Gamut 4", "ARRI LogC4"),
    "S-Gamut3/S-Log3": ("Sony S-Gamut3", "S-Log3"),
    "S-Gamut3.Cine/S-Log3": ("Sony S-Gamut3.Cine", "S-Log3"),
    "S-Gamut/S-Log2": ("Sony S-Gamut", "S-Log2"),
    "Panasonic V-Gamut/V-Log": ("Panasonic V-Gamut", "Panasonic V-Log"),
    "Canon Cinema Gamut/Canon Log": ("Canon Cinema Gamut", "Canon Log"),
    "Canon Cinema Gamut/Canon Log 2": ("Canon Cinema Gamut", "Canon Log 2"),
    "Canon Cinema Gamut/Canon Log 3": ("Canon Cinema Gamut", "Canon Log 3"),
    "REDWideGamutRGB/Log3G10": ("REDWideGamutRGB", "RED Log3G10"),
    "Blackmagic Design Film Gen 5": ("Blackmagic Design Wide Gamut Gen 4/5", "Blackmagic Design Film Gen 5"),
    "Apple Log": ("Rec.2020", "Apple Log"),
    "DJI D-Gamut/D-Log": ("DJI D-Gamut", "DJI D-Log"),
    "Fujifilm F-Log": ("Rec.2020", "Fujifilm F-Log"),
    "Fujifilm F-Log2": ("Rec.2020", "Fujifilm F-Log2"),
    "Nikon N-Log": ("Rec.2020", "Nikon N-Log"),
    "Leica L-Log": ("Rec.2020", "Leica L-Log"),
}
