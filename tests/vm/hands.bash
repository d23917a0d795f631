# A bench that is plugged into the guest's own kernel, and the hands at it. Sourced by judges and by the bench.
# CARTO_CLI is the command line under test.

: "${CARTO_CLI:?}"
work=$(mktemp -d)
bench_pid=

# bench SPEC: plugs a bench in. The one before is taken away.
bench() {
  bench_end
  rm -f "$work/orders" "$work/answers"
  mkfifo "$work/orders" "$work/answers"
  exec 3<>"$work/orders" 4<>"$work/answers"
  "$CARTO_CLI" sim --attach "$1" <&3 >&4 2>"$work/bench.log" 3>&- 4>&- &
  bench_pid=$!
  local line
  while read -r -t 20 line <&4; do
    case $line in ready*) return 0 ;; esac
  done
  cat "$work/bench.log"
  echo "the bench $1 did not start"
  return 1
}

bench_end() {
  [ -n "$bench_pid" ] || return 0
  kill "$bench_pid" 2>/dev/null
  wait "$bench_pid" 2>/dev/null
  bench_pid=
  # The kernel takes a moment to notice.
  until_true 10 no_device
}

# hand ORDER...: one order to the bench; its answer is printed.
hand() {
  local line
  echo "$*" >&3
  read -r -t 20 line <&4 || { echo "no answer to: $*"; return 1; }
  echo "$line"
  case $line in ok*) return 0 ;; *) return 1 ;; esac
}

# until_true SECONDS COMMAND...: tries until it succeeds.
until_true() {
  local left=$(($1 * 10))
  shift
  until "$@"; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "never came true: $*"; return 1; }
    sleep 0.1
  done
}

# The sysfs folder of the device with these ids, 1d50:614e.
device() {
  local folder vendor product
  for folder in /sys/bus/usb/devices/[0-9]*-*; do
    [ -r "$folder/idProduct" ] || continue
    read -r vendor <"$folder/idVendor" && read -r product <"$folder/idProduct" || continue
    [ "$vendor:$product" = "$1" ] && { found=$folder; return 0; }
  done 2>/dev/null
  return 1
}

no_device() { ! device 0483:df11 && ! device 1d50:614e && ! device 1d50:6177; }

# here IDS: waits for the device.
here() { until_true 20 device "$1"; }

# port_here IDS: waits for the device and for its port.
port_here() { here "$1" && until_true 20 test -c /dev/ttyACM0; }

rom=0483:df11
firmware=1d50:614e
katapult=1d50:6177
