# Installs arcade @VERSION@ on Windows, for one user and without administrator rights:
#
#   irm @REPOSITORY@/releases/download/v@VERSION@/install.ps1 | iex
#
# ARCADE_INSTALL_DIR chooses the folder, %LOCALAPPDATA%\Programs\arcade by default. ARCADE_UNMANAGED_INSTALL does the
# same for CI: PATH is not changed, and nothing is recorded, so `arcade update` does not update it. ARCADE_DOWNLOAD_URL is
# the address of a mirror of @REPOSITORY@.
#
# Everything is in functions, which the last line calls, so a truncated download runs nothing.

param(
    # Installs another version (also ARCADE_VERSION).
    [string]$Version = $env:ARCADE_VERSION,
    # Does not change PATH (also ARCADE_NO_MODIFY_PATH=1).
    [switch]$NoModifyPath,
    # Removes what this script has installed.
    [switch]$Uninstall
)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$ThisVersion = '@VERSION@'
$Repository = '@REPOSITORY@'
$Base = if ($env:ARCADE_DOWNLOAD_URL) { $env:ARCADE_DOWNLOAD_URL.TrimEnd('/') } else { $Repository }
$Releases = "$Base/releases"
$Checksums = @{
    'x86_64-pc-windows-msvc'  = '@x86_64-pc-windows-msvc@'
    'aarch64-pc-windows-msvc' = '@aarch64-pc-windows-msvc@'
}
$Receipt = Join-Path $env:LOCALAPPDATA 'arcade\install.json'

function Main {
    # Defaults of the user must not change what these commands do.
    $PSDefaultParameterValues = @{}
    Test-Machine
    if ($Uninstall) { Uninstall-Arcade; return }
    $wanted = $Version -replace '^v', ''
    if ($wanted -and $wanted -ne $ThisVersion) { Install-Other $wanted; return }
    Install-Arcade
}

function Test-Machine {
    if ($PSVersionTable.PSVersion.Major -lt 5) {
        throw 'This script needs PowerShell 5 or newer'
    }
    if ((Get-ExecutionPolicy).ToString() -notin @('Unrestricted', 'RemoteSigned', 'Bypass')) {
        throw 'The execution policy forbids scripts. Allow them: Set-ExecutionPolicy RemoteSigned -Scope CurrentUser'
    }
    if ($Base -notmatch '^https?://') { throw 'ARCADE_DOWNLOAD_URL is not an http or https address' }
    [Net.ServicePointManager]::SecurityProtocol =
        [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    if (-not [Environment]::Is64BitOperatingSystem) {
        throw 'arcade is not built for Windows of 32 bits'
    }
}

function Install-Arcade {
    $unmanaged = [bool]$env:ARCADE_UNMANAGED_INSTALL
    $folder = Get-Folder
    $path = Join-Path $folder 'arcade.exe'
    if (Test-OtherProgram $path) {
        throw "$path is another program, perhaps of Arcade's Python CLI. Choose another folder with ARCADE_INSTALL_DIR"
    }
    $target = Get-Target
    $checksum = $Checksums[$target]
    $name = "arcade-$ThisVersion-$target"
    $work = Join-Path ([IO.Path]::GetTempPath()) ([Guid]::NewGuid().ToString())
    New-Item -ItemType Directory -Path $work | Out-Null
    try {
        Write-Output "Downloading $name.zip"
        $archive = Join-Path $work "$name.zip"
        Get-File "$Releases/download/v$ThisVersion/$name.zip" $archive
        $actual = (Get-FileHash -Algorithm SHA256 -Path $archive).Hash
        if ($actual -ne $checksum) {
            throw "The archive has the checksum $actual, not $checksum. Nothing was installed"
        }
        Expand-Archive -Path $archive -DestinationPath "$work\files"
        New-Item -ItemType Directory -Path $folder -Force | Out-Null
        # The new executable must run before it replaces the old one.
        $staged = Join-Path $folder "arcade-$PID.exe"
        Copy-Item "$work\files\arcade.exe" $staged
        try {
            $reported = & $staged --version
            if ($reported -ne $ThisVersion) {
                throw 'The new arcade does not run on this machine. Nothing was changed'
            }
            Move-Over $staged $path
        } finally {
            Remove-Item $staged -Force -ErrorAction SilentlyContinue
        }
    } finally {
        Remove-Item $work -Recurse -Force -ErrorAction SilentlyContinue
    }
    Write-Output "arcade $ThisVersion is installed: $path"
    if (-not $unmanaged) {
        $keepsPath = $NoModifyPath -or $env:ARCADE_NO_MODIFY_PATH
        $modifies = -not $keepsPath -and (Add-ToPath $folder)
        if ($env:GITHUB_PATH) { Add-Content -Path $env:GITHUB_PATH -Value $folder }
        Write-Receipt $path $modifies
    }
    Write-OtherArcades $folder
}

# In the environment of an emulated PowerShell, the processor is the emulated one.
function Get-Target {
    $machine = Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    if ($machine.PROCESSOR_ARCHITECTURE -eq 'ARM64') { return 'aarch64-pc-windows-msvc' }
    return 'x86_64-pc-windows-msvc'
}

# Each version has an installer with its own checksum.
function Install-Other([string]$Wanted) {
    if ($Wanted -notmatch '^[0-9A-Za-z.+-]+$') { throw "$Wanted is not a version" }
    # The downloaded script is run without a checksum, so the repository must vouch for it.
    if ($env:ARCADE_DOWNLOAD_URL) {
        throw "A mirror cannot vouch for the installer of arcade $Wanted. Download that installer, verify it and run it"
    }
    $script = Join-Path ([IO.Path]::GetTempPath()) "$([Guid]::NewGuid()).ps1"
    try {
        Get-File "$Releases/download/v$Wanted/install.ps1" $script
        & $script -Version $Wanted -NoModifyPath:$NoModifyPath
    } finally {
        Remove-Item $script -Force -ErrorAction SilentlyContinue
    }
}

function Uninstall-Arcade {
    if (-not (Test-Path $Receipt)) {
        throw "There is no receipt of an installation at $Receipt. Uninstall arcade with the program that installed it"
    }
    $installed = Get-Content -Raw $Receipt | ConvertFrom-Json
    $folder = Split-Path $installed.path
    if (Test-OtherProgram $installed.path) {
        throw "$($installed.path) is another program now, perhaps of Arcade's Python CLI. Remove $Receipt, if it is no longer needed"
    }
    Remove-Item $installed.path -Force -ErrorAction SilentlyContinue
    if (Test-Path $installed.path) { throw "$($installed.path) could not be removed. End arcade and try again" }
    Remove-Item "$($installed.path).old*" -Force -ErrorAction SilentlyContinue
    if ($installed.modifiesPath) { Remove-FromPath $folder }
    Remove-Item $Receipt -Force
    Remove-Item (Join-Path (Split-Path $Receipt) '.update.lock') -Force -ErrorAction SilentlyContinue
    Write-Output "$($installed.path) is removed. Your logins and settings stay in .arcade in your user folder"
}

function Get-Folder {
    foreach ($folder in @($env:ARCADE_UNMANAGED_INSTALL, $env:ARCADE_INSTALL_DIR)) {
        if ($folder) { return [IO.Path]::GetFullPath($folder) }
    }
    return Join-Path $env:LOCALAPPDATA 'Programs\arcade'
}

# Launchers created by pip, pipx and uv have a few kilobytes, whereas arcade contains its runtime.
function Test-OtherProgram([string]$Path) {
    return (Test-Path $Path) -and ((Test-Path $Path -PathType Container) -or (Get-Item $Path).Length -lt 20mb)
}

function Get-File([string]$Url, [string]$Path) {
    try {
        Invoke-WebRequest -Uri $Url -OutFile $Path -UseBasicParsing
    } catch {
        throw "$Url could not be downloaded: $($_.Exception.Message). Nothing was changed"
    }
}

# A running program can be renamed, but not replaced.
function Move-Over([string]$New, [string]$Path) {
    Remove-Item "$Path.old*" -Force -ErrorAction SilentlyContinue
    $old = "$Path.old-$PID"
    if (Test-Path $Path) { Move-Item $Path $old }
    try {
        Move-Item $New $Path
    } catch {
        if (Test-Path $old) { Move-Item $old $Path }
        throw
    }
    Remove-Item $old -Force -ErrorAction SilentlyContinue
}

function Write-Receipt([string]$Path, [bool]$ModifiesPath) {
    $content = [ordered]@{
        path         = $Path
        version      = $ThisVersion
        repository   = $Repository
        modifiesPath = $ModifiesPath
    } | ConvertTo-Json
    New-Item -ItemType Directory -Path (Split-Path $Receipt) -Force | Out-Null
    # Without the byte order mark that Set-Content of PowerShell 5 writes.
    [IO.File]::WriteAllText($Receipt, "$content`n")
}

# The user's PATH as stored, with unexpanded variables.
function Get-UserPath {
    $key = Get-Item 'HKCU:\Environment'
    $value = $key.GetValue('Path', '', 'DoNotExpandEnvironmentNames')
    return @($value -split ';' | Where-Object { $_ })
}

function Set-UserPath([string[]]$Folders) {
    Set-ItemProperty -Path 'HKCU:\Environment' -Name 'Path' -Value ($Folders -join ';') -Type ExpandString
    # Setting a variable notifies running programs that the environment has changed.
    $name = "arcade-$([Guid]::NewGuid())"
    [Environment]::SetEnvironmentVariable($name, '1', 'User')
    [Environment]::SetEnvironmentVariable($name, $null, 'User')
}

# Returns whether this script added the folder to the user's PATH.
function Add-ToPath([string]$Folder) {
    $folders = Get-UserPath
    if (@($folders | ForEach-Object { $_.TrimEnd('\', '/') }) -contains $Folder.TrimEnd('\', '/')) {
        if (-not (Test-Path $Receipt)) { return $false }
        return [bool](Get-Content -Raw $Receipt | ConvertFrom-Json).modifiesPath
    }
    Set-UserPath (@($Folder) + $folders)
    $env:Path = "$Folder;$env:Path"
    return $true
}

function Remove-FromPath([string]$Folder) {
    Set-UserPath @(Get-UserPath | Where-Object { $_.TrimEnd('\', '/') -ne $Folder.TrimEnd('\', '/') })
}

# Warns about other arcade executables in PATH.
function Write-OtherArcades([string]$Folder) {
    foreach ($command in @(Get-Command arcade -All -CommandType Application -ErrorAction SilentlyContinue)) {
        if ((Split-Path $command.Source).TrimEnd('\', '/') -ne $Folder.TrimEnd('\', '/')) {
            Write-Warning "Another arcade is in PATH, perhaps the one of Arcade's Python CLI: $($command.Source)"
        }
    }
}

Main
