#!/bin/bash
# Plays the user: types a prompt, looks at the candidates, grades, undoes; then once more with Return alone.
cd "$GRADEWRIGHT_SHARED" || exit 1

wait_for() { # a shell condition, at most five minutes
  for _ in $(seq 1200); do eval "$1" >/dev/null 2>&1 && return 0; sleep 0.25; done
  echo "waited in vain for: $1" >&2
  import -window root in-vain.png
  return 1
}

dialog() { xdotool search --onlyvisible --name '^Gradewright: Grade with Words$'; }
main() { xdotool search --onlyvisible --name 'GNU Image Manipulation Program|GIMP$' | tail -1; }

wait_for dialog || exit 1
wait_for '[ "$(xdotool getactivewindow)" = "$(dialog | tail -1)" ] || xdotool windowactivate "$(dialog | tail -1)"'
sleep 1
xdotool type --delay 40 'warm golden hour, lifted teal shadows'
wait_for 'ls gradewright-*/round-*/*-4-preview.png || ls gradewright-*/round-*/*preview-4.png' || exit 1
sleep 3
import -window root dialog.png
xdotool key Return
wait_for '[ -e graded ]' || exit 1
sleep 2
import -window root graded.png
xdotool windowactivate --sync "$(main)" key ctrl+z
wait_for '[ -e filtered ]' || exit 1
sleep 2
import -window root filtered.png
xdotool windowactivate --sync "$(main)" key ctrl+z
wait_for '[ -e again ]' || exit 1
wait_for dialog || exit 1
wait_for '[ "$(xdotool getactivewindow)" = "$(dialog | tail -1)" ] || xdotool windowactivate "$(dialog | tail -1)"'
sleep 2
xdotool key Return
wait_for '[ -e gray ]' || exit 1
sleep 2
xdotool windowactivate --sync "$(main)" key ctrl+z
wait_for '[ -e question ]' || exit 1
wait_for 'xdotool search --onlyvisible --name "^Gradewright$"' || exit 1
sleep 1
xdotool windowactivate --sync "$(xdotool search --onlyvisible --name "^Gradewright$" | tail -1)"
import -window root question.png
xdotool key Escape
wait_for '[ -e large ]' || exit 1
wait_for dialog || exit 1
wait_for '[ "$(xdotool getactivewindow)" = "$(dialog | tail -1)" ] || xdotool windowactivate "$(dialog | tail -1)"'
sleep 2
xdotool key Return
wait_for 'ls gradewright-*/graded.gwpx' || exit 1
import -window root at-work.png
xdotool key Escape
wait_for '[ -e editable ]' || exit 1
wait_for dialog || exit 1
wait_for '[ "$(xdotool getactivewindow)" = "$(dialog | tail -1)" ] || xdotool windowactivate "$(dialog | tail -1)"'
wait_for 'ls gradewright-*/round-*/*preview-4.png' || exit 1
sleep 2
if [ -e /usr/bin/gimp-3.2 ]; then # a radio button; in 3.0 a list
  xdotool mousemove 634 340 click 1
else
  xdotool mousemove 924 300 click 1 sleep 1 key Down Return
fi
sleep 8
import -window root editable.png
xdotool windowactivate --sync "$(dialog | tail -1)" mousemove 1065 728 click 1
wait_for '[ -e answer.json ]'
