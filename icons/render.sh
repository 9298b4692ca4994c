#!/usr/bin/env bash
# Draws every size of the icon from icon.svg. Needs chromium and ImageMagick; the results are committed.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for size in 16 24 32 48 64 128 256 512 1024; do
    cat >"$work/$size.html" <<HTML
<!doctype html><style>html,body{margin:0;background:transparent}img{display:block;width:${size}px;height:${size}px}</style>
<img src="file://$PWD/icon.svg">
HTML
    # A window below 500 px is not honoured, so the picture is cut from the corner of a larger one.
    side=$((size < 600 ? 600 : size + 100))
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --default-background-color=00000000 \
        --window-size="$side,$side" --user-data-dir="$work/profile" --screenshot="$work/$size.png" \
        "file://$work/$size.html" >/dev/null 2>&1
    convert "$work/$size.png" -crop "${size}x${size}+0+0" +repage -strip "PNG32:$size.png"
done

cp 512.png icon.png
convert 16.png 24.png 32.png 48.png 64.png 128.png 256.png icon.ico
