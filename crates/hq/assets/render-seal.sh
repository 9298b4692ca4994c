#!/usr/bin/env bash
# Draws example-seal.png, red on transparent, from example-seal.svg. Needs chromium, ImageMagick and Noto Serif CJK; the
# result is committed.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/seal.html" <<HTML
<!doctype html><style>html,body{margin:0;background:transparent}img{display:block}</style>
<img src="file://$PWD/example-seal.svg">
HTML
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --default-background-color=00000000 \
    --window-size=1000,1100 --user-data-dir="$work/profile" --screenshot="$work/seal.png" \
    "file://$work/seal.html" >/dev/null 2>&1
convert "$work/seal.png" -crop 1000x1000+0+0 +repage -strip PNG32:example-seal.png
