cask "carto-flasher" do
  version "@VERSION@"
  sha256 "@SHA256@"

  url "https://github.com/carto-flasher/carto-flasher/releases/download/v#{version}/carto-flasher-#{version}-macos-universal.dmg"
  name "Carto Flasher"
  desc "Firmware flasher for Cartographer bed probes"
  homepage "https://github.com/carto-flasher/carto-flasher"

  livecheck do
    url :url
    strategy :github_latest
  end

  depends_on macos: ">= :big_sur"

  app "Carto Flasher.app"
  binary "#{appdir}/Carto Flasher.app/Contents/MacOS/carto-flasher-cli"

  zap trash: [
    "~/Library/Application Support/carto-flasher",
    "~/Library/Caches/carto-flasher",
    "~/Library/Logs/carto-flasher",
    "~/Library/Saved Application State/io.github.carto-flasher.CartoFlasher.savedState",
  ]
end
