#!/bin/bash
# screen.sh COMMAND DRIVER: a virtual screen with a window manager, COMMAND on it, and DRIVER that uses it.
# The X server takes the first free number: other jails' servers are seen through the network namespace.
mkfifo /tmp/screen-number
Xvfb -displayfd 5 -screen 0 1280x800x24 5>/tmp/screen-number >/dev/null 2>&1 &
read -r number </tmp/screen-number
export DISPLAY=:$number
for _ in $(seq 20); do
  openbox >/dev/null 2>&1 &
  for _ in $(seq 50); do
    xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q 0x && break 2
    sleep 0.2
  done
done
eval "$1" &
program=$!
bash "$2"
kill $program 2>/dev/null
