#!/bin/sh
# Installs arcade @VERSION@ on Linux and macOS, for one user and without sudo. `--help` explains it.
#
# Everything is in functions, which the last line calls, so a truncated download runs nothing. The last line is a group,
# which a shell runs only after it has read its end.

# shellcheck disable=SC3013 # All shells that run this know -ef and -O.
set -u
# Settings of the user must not change what these programs do.
unset TAR_OPTIONS GZIP GREP_OPTIONS
if [ -n "${ZSH_VERSION:-}" ]; then emulate sh; fi

version='@VERSION@'
repository='@REPOSITORY@'
# The keys that may sign releases: lines of an allowed_signers file of OpenSSH.
signers='@ALLOWED_SIGNERS@'
minimum_glibc='2.27'
marker='# added by the installer of arcade'
work=''
staged=''

usage() {
  cat <<EOF
Installs arcade $version on Linux and macOS, for one user and without sudo.

Usage: install.sh [--version VERSION] [--extras] [--no-modify-path] [--quiet]
       install.sh --uninstall

  --version VERSION  Install another version (also ARCADE_VERSION)
  --extras           Install the man pages, and the completions for bash, zsh and fish, too
                     (also ARCADE_INSTALL_EXTRAS=1)
  --no-modify-path   Leave PATH as it is (also ARCADE_NO_MODIFY_PATH=1)
  --quiet            Print warnings and errors only
  --uninstall        Remove what this script has installed

  ARCADE_INSTALL_DIR        The folder of the executable. By default the first of
                            \$XDG_BIN_HOME, \$XDG_DATA_HOME/../bin, ~/.local/bin
  ARCADE_UNMANAGED_INSTALL  The same, for CI: PATH stays as it is, and nothing is recorded,
                            so \`arcade update\` does not update it
  ARCADE_DOWNLOAD_URL       The address of a mirror of $repository
EOF
}

# The SHA-256 of the archive for a platform.
checksum_of() {
  case $1 in
    x86_64-unknown-linux-gnu) echo '@x86_64-unknown-linux-gnu@' ;;
    aarch64-unknown-linux-gnu) echo '@aarch64-unknown-linux-gnu@' ;;
    x86_64-apple-darwin) echo '@x86_64-apple-darwin@' ;;
    aarch64-apple-darwin) echo '@aarch64-apple-darwin@' ;;
    *) return 1 ;;
  esac
}

main() {
  action=install
  quiet=''
  keep_path=${ARCADE_NO_MODIFY_PATH:-}
  extras=${ARCADE_INSTALL_EXTRAS:-}
  mirror=${ARCADE_DOWNLOAD_URL:-}
  mirror=${mirror%/}
  releases=${mirror:-$repository}/releases
  wanted=${ARCADE_VERSION:-$version}
  while [ $# -gt 0 ]; do
    case $1 in
      --version)
        [ $# -ge 2 ] || fail '--version needs a value, for example --version 1.2.3'
        wanted=$2
        shift
        ;;
      --version=*) wanted=${1#*=} ;;
      --extras) extras=1 ;;
      --no-modify-path) keep_path=1 ;;
      --quiet | -q) quiet=1 ;;
      --uninstall) action=uninstall ;;
      --help | -h)
        usage
        return 0
        ;;
      *) fail "Unknown argument $1" 'See install.sh --help' ;;
    esac
    shift
  done
  [ -n "${HOME:-}" ] || fail 'HOME is not set' 'Set it to your home folder'
  receipt=${XDG_CONFIG_HOME:-$HOME/.config}/arcade/install.json
  for program in uname mktemp chmod mkdir rmdir rm mv cp tar grep sed head tail cut cat; do
    has "$program" || fail "This script needs the program $program"
  done
  case $releases in
    https://* | http://*) ;;
    *) fail 'ARCADE_DOWNLOAD_URL is not an http or https address' ;;
  esac
  if [ "$action" = uninstall ]; then
    uninstall
    return
  fi
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  attempt mktemp -d ||
    fail_to_write "${TMPDIR:-/tmp}" "No temporary folder could be made: ${output##*: }" \
      'Set TMPDIR to a folder that you may write to'
  work=$output
  choose_downloader
  wanted=${wanted#v}
  if [ "$wanted" = "$version" ]; then install; else install_other; fi
}

install() {
  unmanaged=${ARCADE_UNMANAGED_INSTALL:-}
  choose_folder
  refuse_foreign_home
  case $folder in
    # Once installed, they stay up to date.
    */bin) if [ -z "$unmanaged" ] && [ -f "$(extras_list)" ]; then extras=1; fi ;;
    *) [ -z "$extras" ] || fail 'Man pages and completions need a folder for programs that is called bin' \
      'Choose one with ARCADE_INSTALL_DIR, or leave out --extras' ;;
  esac
  target=$(detect_target) || exit 1
  expected=$(checksum_of "$target") || fail "arcade is not built for $target"
  choose_hash_program
  if [ -e "$folder/arcade" ] && is_python_cli "$folder/arcade"; then
    fail "$folder/arcade belongs to Arcade's Python CLI" \
      'Uninstall that one, or choose another folder with ARCADE_INSTALL_DIR'
  fi
  [ ! -d "$folder/arcade" ] || fail "$folder/arcade is a folder" \
    'Move it away, or choose another folder with ARCADE_INSTALL_DIR'

  name=arcade-$version-$target
  say "Downloading $name.tar.gz"
  download "$releases/download/v$version/$name.tar.gz" "$work/archive"
  actual=$(hash_of "$work/archive")
  if [ "$actual" != "$expected" ]; then
    fail "The archive has the checksum $actual, not $expected" \
      'Nothing was installed. Try again, and report it if this happens again'
  fi
  attempt tar -x -z -o -f "$work/archive" -C "$work" || fail_to_write "$work" 'The archive could not be unpacked'

  elsewhere='Choose another folder with ARCADE_INSTALL_DIR'
  attempt mkdir -p "$folder" || fail_to_write "$folder" "$folder could not be made: ${output##*: }" "$elsewhere"
  folder=$(CDPATH='' cd -- "$folder" && pwd) || fail "$folder is not a folder"
  # In a folder that others can write, a predictable name could be a link to another file.
  attempt mktemp "$folder/.arcade-XXXXXX" ||
    fail_to_write "$folder" "$folder is not writable: ${output##*: }" "$elsewhere"
  staged=$output
  attempt cp "$work/$name/arcade" "$staged" ||
    fail_to_write "$folder" "$staged could not be written: ${output##*: }" "$elsewhere"
  attempt chmod 755 "$staged" || fail "$staged could not be made executable" "$elsewhere"
  # The new executable must run before it replaces the old one.
  [ "$("$staged" --version 2>"$work/errors")" = "$version" ] || fail_to_run
  attempt mv -f "$staged" "$folder/arcade" || fail_to_write "$folder" "$folder/arcade could not be replaced"
  staged=''
  say "arcade $version is installed: $folder/arcade"

  [ -z "$extras" ] || install_extras
  modifies=false
  [ -n "$unmanaged" ] || [ -n "$keep_path" ] || add_to_path
  is_in_path || say_path
  [ -z "${GITHUB_PATH:-}" ] || [ -n "$unmanaged" ] || printf '%s\n' "$folder" >>"$GITHUB_PATH"
  [ -n "$unmanaged" ] || write_receipt
  warn_of_others
}

# Each version has an installer with its own checksums.
install_other() {
  case $wanted in
    '' | *[!0-9A-Za-z.+-]*) fail "$wanted is not a version" ;;
  esac
  if can_verify_signatures; then
    download "$releases/download/v$wanted/install.sh" "$work/install.sh"
    verify_signed install.sh
  else
    # The script is run without a checksum, so the repository must vouch for it. The wget of busybox does not verify it.
    [ -z "$mirror" ] || fail "A mirror cannot vouch for the installer of arcade $wanted" \
      'Install ssh-keygen of OpenSSH 8.1 or newer, which verifies it'
    case $downloader:$releases in
      wget:https://*)
        wget --version 2>/dev/null | grep -q 'GNU Wget' ||
          fail 'This wget does not verify who it downloads from' \
            "Install curl or ssh-keygen, or run the installer of arcade $wanted itself"
        ;;
    esac
    download "$releases/download/v$wanted/install.sh" "$work/install.sh"
  fi
  grep -q "^version='$wanted'\$" "$work/install.sh" || fail "There is no installer of arcade $wanted"
  unset ARCADE_VERSION
  set --
  [ -z "$keep_path" ] || set -- "$@" --no-modify-path
  [ -z "$extras" ] || set -- "$@" --extras
  [ -z "$quiet" ] || set -- "$@" --quiet
  sh "$work/install.sh" "$@"
}

# Returns whether there are release keys, and an ssh-keygen that verifies signatures: OpenSSH has done so since 8.1.
can_verify_signatures() {
  [ -n "$signers" ] && has ssh-keygen || return
  case $(ssh-keygen -Y verify 2>&1) in
    *option\ --\ Y*) return 1 ;;
  esac
}

# Verifies the downloaded file $1 of another version by its signed checksums.
verify_signed() {
  for sums in SHA256SUMS SHA256SUMS.sig; do
    download "$releases/download/v$wanted/$sums" "$work/$sums"
  done
  printf '%s\n' "$signers" >"$work/allowed_signers"
  ssh-keygen -Y verify -f "$work/allowed_signers" -I arcade-release -n arcade-release \
    -s "$work/SHA256SUMS.sig" <"$work/SHA256SUMS" >/dev/null 2>&1 ||
    fail "The checksums of arcade $wanted have no valid signature" \
      "Nothing was changed. If it is signed by a newer key, run the installer of arcade $wanted itself"
  choose_hash_program
  grep -qxF "$(hash_of "$work/$1")  $1" "$work/SHA256SUMS" ||
    fail "$1 of arcade $wanted does not match its checksum" \
      'Nothing was changed. Try again, and report it if this happens again'
}

uninstall() {
  [ -f "$receipt" ] || fail "There is no receipt of an installation at $receipt" \
    'Uninstall arcade with the program that installed it, or remove the executable'
  installed=$(sed -n -E 's/^.*"path": ?"(([^"\\]|\\.)*)".*$/\1/p' "$receipt" | sed -E 's/\\(.)/\1/g')
  [ -n "$installed" ] || fail "$receipt names no executable" 'Remove the executable and this file'
  if [ -f "$installed" ] && is_python_cli "$installed"; then
    fail "$installed belongs to Arcade's Python CLI now" "Remove $receipt, if it is no longer needed"
  fi
  rm -f "$installed" || fail "$installed could not be removed"
  while IFS= read -r file; do
    if [ -f "$file" ] && grep -qF "$marker" "$file"; then
      # Overwritten, not replaced: the file may be a symbolic link.
      rest=$(grep -vF "$marker" "$file"; echo .)
      printf '%s' "${rest%.}" >"$file" || warn "$file still adds a folder to PATH"
    fi
  done <<EOF
$(startup_files)
EOF
  remove_extras
  rm -f "$(fish_file)" "$receipt" "${receipt%/*}/.update.lock"
  rmdir "${receipt%/*}" 2>/dev/null
  say "$installed is removed. Your logins and settings stay in ${ARCADE_WORK_DIR:-$HOME/.arcade}"
}

# $folder: the folder of the executable. $unmanaged: not empty if nothing is recorded.
choose_folder() {
  folder=${unmanaged:-${ARCADE_INSTALL_DIR:-${XDG_BIN_HOME:-}}}
  if [ -z "$folder" ] && [ -n "${XDG_DATA_HOME:-}" ]; then folder=$XDG_DATA_HOME/../bin; fi
  [ -n "$folder" ] || folder=$HOME/.local/bin
  case $folder in
    /*) ;;
    *) folder=$(pwd)/$folder ;;
  esac
  case $folder in
    *:* | *'
'*) fail "$folder cannot be in PATH" 'Choose another folder with ARCADE_INSTALL_DIR' ;;
  esac
}

# Under sudo, HOME may still be that of a user, in which files of root would be left.
refuse_foreign_home() {
  [ -n "${SUDO_UID:-}${DOAS_USER:-}${PKEXEC_UID:-}" ] || return 0
  place=$folder
  until [ -e "$place" ]; do
    place=${place%/*}
    place=${place:-/}
  done
  [ -n "$unmanaged" ] || [ -O "$HOME" ] || place=$HOME
  [ -O "$place" ] || fail "$place belongs to another user, to whom this would leave files" \
    "Run it without sudo. For all users, run: sudo env ARCADE_UNMANAGED_INSTALL=/usr/local/bin sh install.sh"
}

detect_target() {
  machine=$(uname -m)
  case $(uname -s) in
    Linux)
      system=unknown-linux-gnu
      # A 64-bit kernel may run 32-bit programs.
      if [ -r /proc/self/exe ] && [ "$(head -c 5 /proc/self/exe | tail -c 1)" = "$(printf '\001')" ]; then
        fail 'arcade is not built for systems of 32 bits'
      fi
      check_libc
      ;;
    Darwin)
      system=apple-darwin
      # Under Rosetta, uname reports x86_64.
      if [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" = 1 ]; then machine=arm64; fi
      ;;
    MINGW* | MSYS* | CYGWIN* | Windows_NT)
      fail 'This script is for Linux and macOS' \
        "On Windows, run in PowerShell: irm $repository/releases/download/v$version/install.ps1 | iex"
      ;;
    *) fail "arcade is not built for $(uname -s)" ;;
  esac
  case $machine in
    x86_64 | amd64) printf 'x86_64-%s\n' "$system" ;;
    aarch64 | arm64) printf 'aarch64-%s\n' "$system" ;;
    *) fail "arcade is not built for $machine processors" ;;
  esac
}

check_libc() {
  has ldd || return 0
  libc=$(ldd --version 2>&1 | head -n 1)
  case $libc in
    *musl*) fail 'arcade is not built for musl, which this Linux uses' \
      "It needs glibc $minimum_glibc or newer, as Debian, Ubuntu and Fedora have" ;;
  esac
  found=${libc##* }
  case $found in
    [0-9]*.[0-9]*) ;;
    *) return 0 ;;
  esac
  minor=${found#*.}
  minor=${minor%%[!0-9]*}
  if [ "${found%%.*}" -lt "${minimum_glibc%%.*}" ] ||
    { [ "${found%%.*}" -eq "${minimum_glibc%%.*}" ] && [ "$minor" -lt "${minimum_glibc#*.}" ]; }; then
    fail "arcade needs glibc $minimum_glibc or newer, and this Linux has $found"
  fi
}

choose_downloader() {
  # The snap package of curl cannot write to temporary folders.
  case $(command -v curl) in
    '' | /snap/*) downloader=wget ;;
    *) downloader=curl ;;
  esac
  has "$downloader" || fail 'This script needs curl or wget' 'Install one of them (the curl of snap does not work)'
  # An empty file in place of ~/.wgetrc, for wget and its successor. Nothing but a regular file is accepted.
  WGETRC=$work/wgetrc
  WGET2RC=$WGETRC
  export WGETRC WGET2RC
  printf '' >"$WGETRC"
}

# Downloads the URL $1 to the file $2.
download() {
  case $downloader:$1 in
    # -q must be first, and ignores ~/.curlrc. TLS is required, unless the repository or the mirror has none.
    curl:http://*) attempt curl -q -fsSL --retry 3 -o "$2" "$1" ;;
    curl:*) attempt curl -q --proto '=https' --tlsv1.2 -fsSL --retry 3 -o "$2" "$1" ;;
    *) attempt wget -q -t 3 -O "$2" "$1" ;;
  esac
  code=$?
  [ "$code" != 0 ] || return 0
  [ -z "$output" ] || printf '%s\n' "$output" >&2
  # The codes for a file that could not be written, in the folder that was just made.
  case $downloader:$code in
    curl:23 | wget:3) output='No space left' ;;
  esac
  fail_to_write "$work" "$1 could not be downloaded" 'Nothing was changed. Check the connection and the version'
}

choose_hash_program() {
  if has sha256sum; then
    hash_program=sha256sum
  elif has shasum; then
    hash_program=shasum
  elif has openssl; then
    hash_program=openssl
  else
    fail 'The download cannot be verified without sha256sum, shasum or openssl' 'Install one of them'
  fi
}

hash_of() {
  case $hash_program in
    sha256sum) sha256sum "$1" ;;
    shasum) shasum -a 256 "$1" ;;
    openssl) openssl dgst -sha256 -r "$1" ;;
  esac | cut -c 1-64
}

# The entries of PATH, one per line.
path_entries() {
  printf '%s\n' "$PATH" | sed 'y/:/\n/'
}

# A slash at the end of an entry, or a link, means the same folder.
is_in_path() {
  while IFS= read -r entry; do
    [ ! "${entry:-.}" -ef "$folder" ] || return 0
  done <<EOF
$(path_entries)
EOF
  return 1
}

# Prints the line that adds $folder to PATH in a POSIX shell.
path_line() {
  # shellcheck disable=SC2016 # The user's shell expands PATH.
  printf 'case ":$PATH:" in *:%s:*) ;; *) export PATH=%s:"$PATH" ;; esac' "$(quoted)" "$(quoted)"
}

quoted() {
  printf "'%s'" "$(printf '%s' "$folder" | sed "s/'/'\\\\''/g")"
}

startup_files() {
  printf '%s\n' "$HOME/.profile" "$HOME/.bash_profile" "$HOME/.bashrc" "${ZDOTDIR:-$HOME}/.zshrc"
}

fish_file() {
  printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d/arcade.fish"
}

# Adds $folder to PATH in the startup files of the user's shells, unless it is in PATH already.
add_to_path() {
  is_in_path || modifies=true
  while IFS= read -r file; do
    if [ -f "$file" ] && grep -qF "$marker" "$file"; then
      modifies=true
    elif ! is_in_path && { [ -f "$file" ] || is_needed "$file"; }; then
      add_line "$file" || warn "$file could not be changed, so it does not add $folder to PATH"
    fi
  done <<EOF
$(startup_files)
EOF
  fish=$(fish_file)
  if ! is_in_path && [ -d "${fish%/conf.d/*}" ]; then
    mkdir -p "${fish%/*}" && printf 'fish_add_path %s %s\n' "$(quoted)" "$marker" >"$fish"
  fi
}

# Adds the line to the file $1, whose last line may lack a line end.
add_line() {
  {
    [ ! -s "$1" ] || [ -z "$(tail -c 1 "$1")" ] || printf '\n' >>"$1"
    printf '%s %s\n' "$(path_line)" "$marker" >>"$1"
  } 2>/dev/null
}

# Returns whether to create the missing file $1, which is done for the user's own shell only.
is_needed() {
  case $1:${SHELL:-} in
    */.profile:*/zsh | */.profile:*/fish) return 1 ;;
    */.profile:*) [ ! -f "$HOME/.bash_profile" ] ;;
    */.zshrc:*/zsh) return 0 ;;
    *) return 1 ;;
  esac
}

say_path() {
  [ "$modifies" = false ] || say 'New shells find it. In this one, run:'
  [ "$modifies" = true ] || say "$folder is not in PATH. Add it there:"
  say "  export PATH=$(quoted):\"\$PATH\""
}

# Installs the man pages and the completions beside the folder, where man and the shells look for those of its programs.
install_extras() {
  share=${folder%/bin}/share
  remove_extras
  for page in "$work/$name/man/"*.1; do
    copy_extra "$page" "$share/man/man1/${page##*/}" || return 0
  done
  from=$work/$name/completions
  copy_extra "$from/arcade.bash" "$share/bash-completion/completions/arcade" || return 0
  copy_extra "$from/arcade.fish" "$share/fish/vendor_completions.d/arcade.fish" || return 0
  copy_extra "$from/_arcade" "$share/zsh/site-functions/_arcade" || return 0
  say "The man pages and completions are in $share"
  case ${SHELL:-} in
    */zsh) say "Add this to ~/.zshrc, before compinit: fpath=($share/zsh/site-functions \$fpath)" ;;
  esac
}

# Copies the file $1 to the path $2, and notes that for uninstalling.
copy_extra() {
  if attempt mkdir -p "${2%/*}" && attempt cp "$1" "$2" && attempt chmod 644 "$2"; then
    [ -n "$unmanaged" ] || { mkdir -p "${receipt%/*}" && printf '%s\n' "$2" >>"$(extras_list)"; }
    return 0
  fi
  warn "$2 could not be written, so the man pages and completions are not complete"
  return 1
}

# The paths of the man pages and completions that were installed, one per line.
extras_list() {
  printf '%s\n' "${receipt%/*}/extras"
}

remove_extras() {
  if [ -n "${unmanaged:-}" ] || [ ! -f "$(extras_list)" ]; then return 0; fi
  while IFS= read -r file; do
    rm -f "$file"
  done <"$(extras_list)"
  rm -f "$(extras_list)"
}

write_receipt() {
  mkdir -p "${receipt%/*}" && cat >"$receipt.$$" <<EOF && mv -f "$receipt.$$" "$receipt" && return
{
  "path": "$(printf '%s' "$folder/arcade" | sed 's/[\\"]/\\&/g')",
  "version": "$version",
  "repository": "$repository",
  "modifiesPath": $modifies
}
EOF
  rm -f "$receipt.$$"
  warn "$receipt could not be written, so \`arcade update\` cannot update this installation"
}

# Warns about other arcade executables in PATH.
warn_of_others() {
  place='is found first'
  is_in_path || place='is the one in PATH'
  while IFS= read -r entry; do
    entry=${entry:-.}
    if [ "$entry/arcade" -ef "$folder/arcade" ]; then
      place='comes later in PATH'
    elif [ -f "$entry/arcade" ] && [ -x "$entry/arcade" ]; then
      kind='Another arcade'
      ! is_python_cli "$entry/arcade" || kind="The arcade of Arcade's Python CLI"
      warn "$kind $place: ${entry%/}/arcade"
    fi
  done <<EOF
$(path_entries)
EOF
}

is_python_cli() {
  head -c 400 "$1" 2>/dev/null | head -n 3 | grep -q -E '^#!.*python|exec.*python'
}

clean_up() {
  [ -z "$staged" ] || rm -f "$staged"
  [ -z "$work" ] || rm -rf "$work"
}

has() {
  command -v "$1" >/dev/null 2>&1
}

say() {
  [ -n "$quiet" ] || printf '%s\n' "$1"
}

warn() {
  printf 'Warning: %s\n' "$1" >&2
}

# Runs a program. $output is what it printed, in English.
attempt() {
  output=$(LC_ALL=C "$@" 2>&1)
}

# Exits because something could not be written to the folder $1: with the message $2 and the optional next step $3, unless
# $output says that the disk is full.
fail_to_write() {
  case $output in
    *'No space left'* | *'uota exceeded'*)
      fail "The disk with $1 is full, or your quota is used up" 'Nothing was changed. Free some space and try again'
      ;;
  esac
  fail "$2" "${3:-}"
}

# Exits because the new arcade does not run. $work/errors has what it printed.
fail_to_run() {
  case $(cat "$work/errors") in
    *libgcc_s*) fail 'arcade needs the library libgcc_s.so.1, which this system lacks' \
      'Nothing was changed. Install libgcc-s1 (Debian, Ubuntu), libgcc (Fedora, RHEL) or libgcc_s1 (openSUSE)' ;;
  esac
  fail 'The new arcade does not run on this machine' \
    "Nothing was changed. It needs glibc $minimum_glibc or newer, libgcc_s, and a folder from which programs may run"
}

# Exits with the message $1 and the optional next step $2.
fail() {
  printf 'Error: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '  %s\n' "$2" >&2
  exit 1
}

{ main "$@" || exit 1; }
