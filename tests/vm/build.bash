# What the guest needs and the host makes faster: the command line with the bench in it, and practice firmware.
# Sourced in the repository's folder. Leaves CARTO_CLI and CARTO_IMAGES in the environment.

build_for_guest() { # build_for_guest PROFILE
  local folder=target/vm profile=$1 output=$1
  [ "$profile" = dev ] && output=debug
  cargo build --locked --quiet --profile "$profile" --no-default-features --features usbip --bin carto-flasher-cli
  mkdir -p "$folder/images"
  strip -o "$folder/carto-flasher-cli" "target/$output/carto-flasher-cli"
  CARTO_CLI=$PWD/$folder/carto-flasher-cli
  CARTO_IMAGES=$PWD/$folder/images
  export CARTO_CLI CARTO_IMAGES
  practice v3-usb f042
  practice v3-usb-old f042-old
  practice v4-usb g431
  changed f042 f042-page
  changed g431 g431-page
  noise f042
  noise g431
}

# practice BENCH NAME: what the probe of this bench holds, as a whole chip, as the file that makes it, and as the
# firmware alone.
practice() {
  local file=$CARTO_IMAGES/$2
  "$CARTO_CLI" devices --no-identify --simulate "$1" --simulate-dump "$file.chip" >/dev/null
  perl -0777 -pe 's/\xff+\z//' "$file.chip" >"$file.bin"
  tail -c +8193 "$file.bin" >"$file.app.bin"
}

# changed FROM NAME: the same with one page changed, by a byte in the noise before the end.
changed() {
  local file at
  at=$(($(wc -c <"$CARTO_IMAGES/$1.bin") - 600))
  for file in bin chip; do
    perl -0777 -pe "substr(\$_, $at, 1) ^= \"\x5a\"" "$CARTO_IMAGES/$1.$file" >"$CARTO_IMAGES/$2.$file"
  done
  tail -c +8193 "$CARTO_IMAGES/$2.bin" >"$CARTO_IMAGES/$2.app.bin"
}

# noise NAME: as long as this image, and different in every page.
noise() {
  local file=$CARTO_IMAGES/$1-noise length size
  length=$(wc -c <"$CARTO_IMAGES/$1.bin")
  size=$(wc -c <"$CARTO_IMAGES/$1.chip")
  perl -e "srand 1; print map { chr int rand 256 } 1..$length" >"$file.bin"
  perl -0777 -pe "\$_ .= \"\xff\" x ($size - $length)" "$file.bin" >"$file.chip"
}
