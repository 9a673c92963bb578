"""Runs inside the GIMP that ``gradewright install gimp`` has been at: is the plug-in there, does it grade."""

import json
import os
import sys
import traceback

SHARED = os.environ["GRADEWRIGHT_SHARED"]
with open(SHARED + "/order.json") as stream:
    ORDER = json.load(stream)
sys.path.insert(0, ORDER["scripts"])

from gi.repository import Gimp  # noqa: E402 - the path comes first
from inside_tools import call, photo, plain  # noqa: E402

NAMES = ("words", "match", "auto", "look", "explain")
answer = {}
try:
    found = [Gimp.get_pdb().lookup_procedure("plug-in-gradewright-" + name) for name in NAMES]
    answer["labels"] = [procedure and procedure.get_menu_label() for procedure in found]
    answer["menus"] = [procedure and procedure.get_menu_paths() for procedure in found]
    if answer["labels"][0]:
        image, layer = photo()
        answer["words"] = plain(call("words", image, layer, prompt="warm golden hour"))
        answer["auto"] = plain(call("auto", image, layer))
except Exception:
    answer["failed"] = traceback.format_exc()
with open(SHARED + "/answer.part", "w") as stream:
    json.dump(answer, stream)
os.rename(SHARED + "/answer.part", SHARED + "/answer.json")
