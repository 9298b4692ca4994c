# What ./run, ./test and ./bench need of the machine. Sourced from the top of the tree; installs only what is missing.

export CARGO_TERM_PROGRESS_WHEN=${CARGO_TERM_PROGRESS_WHEN:-auto}

BUILD_PACKAGES=(
    build-essential pkg-config libssl-dev
    libwebkit2gtk-4.1-dev
    libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-libav gstreamer1.0-x gstreamer1.0-pulseaudio
    fonts-noto-cjk fonts-hanazono
)
# Recording with test sources, and what the programs link against; no web view.
SCENARIO_PACKAGES=(
    build-essential pkg-config libssl-dev
    libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav
    fonts-noto-cjk fonts-hanazono
)
TEST_PACKAGES=(
    xvfb xauth dbus dbus-x11 webkit2gtk-driver chromium
    cups-ipp-utils ffmpeg poppler-utils qpdf mupdf-tools ghostscript zbar-tools openssl
)

say() { printf '\033[1m▸ %s\033[0m\n' "$*" >&2; }

give_up() {
    printf '\n%s\n' "✗ $1" >&2
    shift
    printf '  %s\n' "$@" >&2
    exit 1
}

at_least() { # version, wanted
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

need_toolchains() {
    command -v cargo >/dev/null || give_up "Rust is not installed." "Install it from https://rustup.rs and open a new shell."
    command -v node >/dev/null || give_up "Node is not installed." "Install Node 20.19 or newer with npm."
    command -v npm >/dev/null || give_up "npm is not installed." "It comes with Node; on Debian: apt install npm."
    local rust node
    rust=$(rustc --version | awk '{print $2}')
    node=$(node --version | tr -d v)
    at_least "$rust" 1.95.0 || give_up "Rust $rust is too old." "Run: rustup update stable (1.95 or newer is needed)."
    at_least "$node" 20.19.0 || give_up "Node $node is too old." "20.19 or newer is needed."
}

# A build that runs out of space fails in the linker with words that name no disk.
need_space() { # GB that a build from nothing takes
    [ -d target/debug/deps ] && return 0
    local free
    free=$(($(df -Pk . | awk 'END { print $4 }') / 1000000))
    [ "$free" -ge "$1" ] || say "$free GB are free on this disk and a build from nothing takes $1 GB: it may run out of space"
}

need_packages() { # package...
    command -v dpkg-query >/dev/null || {
        say "not a Debian or Ubuntu machine: make sure these are present: $*"
        return 0
    }
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "installing ${#missing[@]} system packages: ${missing[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || give_up "System packages are missing and there is no sudo." \
            "As root: apt-get install --no-install-recommends ${missing[*]}"
        root=(sudo)
    fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 ||
        give_up "apt-get update failed." "See its message above; is there a network?"
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
        give_up "apt-get install failed." "See its message above."
}

# Installs a project's npm packages when the lock file is newer than what is installed.
need_modules() { # folder
    if [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
        say "npm packages of $1/"
        (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) >&2 ||
            give_up "npm ci failed in $1/." "See its message above."
        touch "$1/node_modules/.package-lock.json"
    fi
}

# Builds the screens when a source is newer than the last build.
need_screens() {
    if [ ! -e ui/dist/party.html ] || [ -n "$(find ui \( -name node_modules -o -name 'dist*' \) -prune -o \
        -type f -newer ui/dist/index.html -print -quit)" ]; then
        say "building the screens"
        (cd ui && npm run --silent build -- --logLevel warn) >&2 || give_up "The screens could not be built." "See the message above."
    fi
}

# One build for everything keeps the features of shared crates, and with them the build cache, the same.
need_programs() {
    say "building the programs (the first time takes a while)"
    cargo build --workspace --bins || give_up "cargo build failed." "See its message above."
}
