"""Editions and versions of Resolve, and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """One edition of one version.

    ``menu_python`` : ``.py`` scripts are listed in Workspace > Scripts. ``external`` : scriptapp() from
    outside answers. ``ui_manager`` : scripts may open windows. ``typed_cdl`` : SetCDL wants numbers for index
    and saturation. ``one_still`` : only the first new still of a script run is fresh. ``settings_dict`` :
    GetSettings() is there
    """

    name: str
    product: str
    version: tuple[int, int, int]
    menu_python: bool = True
    external: bool = False
    ui_manager: bool = False
    typed_cdl: bool = False
    one_still: bool = False
    settings_dict: bool = False

    @property
    def studio(self) -> bool:
        return self.product.endswith("Studio")

    @property
    def python(self) -> bool:
        """Whether a Python script can run, from the menu or from outside."""
        return self.menu_python or self.external


_FREE, _STUDIO = "DaVinci Resolve", "DaVinci Resolve Studio"

# 19.1 took UIManager from the free edition: YourAverageMo/auto-silence-cut #3, tmoroney/auto-subs #116, #149.
FREE_19_1 = Profile("19.1 free", _FREE, (19, 1, 3))
# External scripting is Studio's: README, "Preferences > System > General > External scripting using".
STUDIO_20_3 = Profile("20.3 Studio", _STUDIO, (20, 3, 2), external=True, ui_manager=True)
# Menu .py scripts still run on the free edition up to 21.0: auto-silence-cut README, validated on 21.0.3.7.
FREE_21_0 = Profile("21.0 free", _FREE, (21, 0, 3))
# 21.1 lists no .py files in the free edition: LEDGER, issues #203 and #219. ``UIManager is nil`` there.
FREE_21_1 = Profile(
    "21.1 free", _FREE, (21, 1, 0), menu_python=False, typed_cdl=True, one_still=True, settings_dict=True
)
# 21.1's stub types NodeIndex int and Saturation float; one new still a run and GetSettings: reports on
# 21.1.0.17.
STUDIO_21_1 = Profile(
    "21.1 Studio",
    _STUDIO,
    (21, 1, 0),
    external=True,
    ui_manager=True,
    typed_cdl=True,
    one_still=True,
    settings_dict=True,
)
PROFILES = (FREE_19_1, STUDIO_20_3, FREE_21_0, FREE_21_1, STUDIO_21_1)
