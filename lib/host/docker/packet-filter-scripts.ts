/** Functions for the tools' shell. `$program` is the iptables that works in this kernel. */
const FUNCTIONS = `
filter() {
  printf %s "$1" | "$program" iptables-restore
}
shape() {
  for link in /sys/class/net/*; do
    # Not all that is there is an interface.
    [ -e "$link/address" ] || continue
    read -r address < "$link/address"
    [ "$address" != "$1" ] || device=\${link##*/}
  done
  [ -n "$device" ] || { echo "no interface has the address $1"; return 1; }
  # There may be nothing to delete.
  tc qdisc del dev "$device" root 2>/dev/null
  printf %s "$2" | while read -r object verb rest; do
    echo "$object $verb dev $device $rest"
  done | tc -batch -
}
program=$1
`;

/**
 * Puts rules and shaping in force: `$1` the program, `$2` the filter table, `$3` the hardware address of the interface that is
 * to be shaped, empty if none is, `$4` how, a line each.
 */
export const APPLY = `${FUNCTIONS}
filter "$2" && { [ -z "$3" ] || shape "$3" "$4"; }
`;

/** Tries, on the loopback interface, a filter table or a shaping for each of the names: `$1` the program, then `NAME filter|shape TEXT` each. */
export const TRY = `${FUNCTIONS}
shift
while [ $# -gt 0 ]; do
  case $2 in
    filter) said=$(filter "$3" 2>&1) ;;
    shape) said=$(shape 00:00:00:00:00:00 "$3" 2>&1) ;;
  esac && echo "$1: works" || echo "$1: $said"
  shift 3
done
`;

/** Says what is in the filter table and how interfaces send, with counters, and what goes which way: `$1` the program. */
export const READ = `
"$1" iptables-save -c -t filter && tc -s qdisc show && for link in /sys/class/net/*; do
  # Not all that is there is an interface, and not all interfaces choose.
  [ ! -e "$link/address" ] || tc filter show dev "\${link##*/}" 2>/dev/null || :
done
`;
