import { type Archive, type Archives, DESCRIPTION, type Release } from "./release.ts";

/** The Homebrew formula, for `Formula/arcade.rb` of the tap. Homebrew reads the version from the URLs. */
export function formula({ repository }: Release, archives: Archives): string {
  const source = ({ url, sha256 }: Archive) => `      url "${url}"\n      sha256 "${sha256}"`;
  return `class Arcade < Formula
  desc "${DESCRIPTION}"
  homepage "${repository.url}"
  license "MIT"

  livecheck do
    url :stable
    strategy :github_latest
  end

  on_macos do
    on_arm do
${source(archives["aarch64-apple-darwin"])}
    end
    on_intel do
${source(archives["x86_64-apple-darwin"])}
    end
  end

  on_linux do
    on_arm do
${source(archives["aarch64-unknown-linux-gnu"])}
    end
    on_intel do
${source(archives["x86_64-unknown-linux-gnu"])}
    end
  end

  def install
    bin.install "arcade"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/arcade.bash" => "arcade"
    zsh_completion.install "completions/_arcade"
    fish_completion.install "completions/arcade.fish"
  end

  test do
    ENV["DO_NOT_TRACK"] = "1"
    assert_equal version.to_s, shell_output("#{bin}/arcade --version").chomp
    assert_match "Not logged in", shell_output("#{bin}/arcade whoami 2>&1", 4)
  end
end
`;
}
