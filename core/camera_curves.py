"""Camera log curves that OpenColorIO's built-in configs lack.

Code values are *full range*: 10-bit code value / 1023, the numbers in the file the camera records,
which is also what the vendors' code-value tables list. (A player that reads such a file as legal
range rescales it before any LUT sees it: set the clip to full, or "auto" where it knows the camera.)
Scene values are reflectances, 0.18 for middle grey.

The formulas are decodings, code value to reflectance, with the vendor's published constants; tests
compare them with colour-science, code value by code value. OpenColorIO runs them as 1D tables: its
closed-form LogCameraTransform joins the log to its toe without a step, and the published constants
do not (L-Log: one 10-bit code value, F-Log and N-Log: a tenth), so it would shift the whole toe.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from .ocio import group

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# The tables reach beyond the code range so that a scene colour outside it is still told from one at
# its edge; 65,536 rows over two units keep the interpolation error below 2e-6 of the value.
_ROWS, _LOW, _HIGH = 65536, -0.5, 1.5
_WHITE = 0.9  # the reflectance that S-Log2 and Canon Log call 1.0


def f_log(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fujifilm, "F-Log Data Sheet" 1.1 (2022), code value to reflectance."""
    log = (10 ** ((code - 0.790453) / 0.344676) - 0.009468) / 0.555556
    return np.where(code < 0.100537775223865, (code - 0.092864) / 8.735631, log)


def f_log2(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fujifilm, "F-Log2 Data Sheet" 1.0 (2022), code value to reflectance; also F-Log2 C's curve."""
    log = (10 ** ((code - 0.384316) / 0.245281) - 0.064829) / 5.555556
    return np.where(code < 0.100686685370811, (code - 0.092864) / 8.799461, log)


def n_log(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nikon, "N-Log Specification Document" 1.0.0 (2018), code value to reflectance.

    A cube root below code value 452, a log above. Below 0 the cube root is mirrored.
    """
    root = (code * 1023 / 650) ** 3 - 0.0075
    return np.where(code < 452 / 1023, root, np.exp((code * 1023 - 619) / 150))


def l_log(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leica, "L-Log Reference Manual" (2022), code value to reflectance."""
    log = (10 ** ((code - 0.6) / 0.27) - 0.0115) / 1.3
    return np.where(code <= 0.1380, (code - 0.09) / 8, log)


def canon_log(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Canon, "Canon Log Gamma Curves" 1.2 (2020), code value to reflectance; mirrored about black."""
    distance = np.abs(code - 0.12512248) / 0.45310179
    return np.copysign((10**distance - 1) / 10.1596, code - 0.12512248) * _WHITE


def s_log2(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sony, "S-Log2 Technical Paper" (2012), code value to reflectance.

    S-Log stretched by 219 / 155; the paper's signal is legal range, 64..940 of 1023.
    """
    signal = (code * 1023 - 64) / (940 - 64)
    log = 10 ** ((signal - 0.616596 - 0.03) / 0.432699) - 0.037584
    linear = np.where(signal < 0.030001222851889303, (signal - 0.030001222851889303) / 5, log)
    return linear * 219 / 155 * _WHITE


def decoding(curve: Curve) -> ocio.Transform:
    """A curve as an OpenColorIO transform over code values -0.5..1.5."""
    table = ocio.Lut1DTransform(_ROWS, False)
    table.setFileOutputBitDepth(ocio.BIT_DEPTH_F32)
    table.setData(np.repeat(curve(np.linspace(_LOW, _HIGH, _ROWS)).astype(np.float32), 3))
    scale = 1 / (_HIGH - _LOW)
    unit = np.diag([scale, scale, scale, 1.0]).reshape(-1).tolist()
    return group([ocio.MatrixTransform(unit, [*[-_LOW * scale] * 3, 0.0]), table])


# Fujifilm, "F-Log2 C Data Sheet" 1.0: red (0.7347, 0.2653), green (0.0263, 0.9737), blue (0.1173, -0.0224),
# D65; here to ACES2065-1 with Bradford adaptation, as the config does for Rec.2020.
F_GAMUT_C = "Linear F-Gamut C"
F_GAMUT_C_TO_ACES = np.array(
    [
        [0.8412169541144, 0.0260677574698, 0.1327152884158],
        [0.0015714685019, 1.0052861912247, -0.0068576597266],
        [-0.0008993413710, 0.0033892801936, 0.9975100611774],
    ]
)

# Space -> its curve, and the linear space of the config that shares its gamut.
COMPUTED: dict[str, tuple[Curve, str]] = {
    "F-Log F-Gamut": (f_log, "Linear Rec.2020"),
    "F-Log2 F-Gamut": (f_log2, "Linear Rec.2020"),
    "F-Log2 C F-Gamut C": (f_log2, F_GAMUT_C),
    "N-Log N-Gamut": (n_log, "Linear Rec.2020"),
    "L-Log Rec.2020": (l_log, "Linear Rec.2020"),
    "CanonLog CinemaGamut D55": (canon_log, "Linear CinemaGamut D55"),
    "S-Log2 S-Gamut": (s_log2, "Linear S-Gamut3"),
}
