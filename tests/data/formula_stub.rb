# Runs a formula without Homebrew: `ruby formula_stub.rb FORMULA OS ARCH ARCHIVE-FOLDER`. It evaluates the formula for one
# platform, installs from an unpacked archive, runs the test block, and prints the results as JSON.

require "fileutils"
require "json"
require "pathname"
require "tmpdir"

OS_NAME, ARCH = ARGV[1], ARGV[2]
PREFIX = Pathname(Dir.mktmpdir("arcade-keg-"))

# A folder of the installation. `install` accepts paths, or a hash of paths and new names.
class Target
  def initialize(path) = @path = path
  def to_s = @path.to_s

  def install(*files)
    files.flatten.each do |file|
      pairs = file.is_a?(Hash) ? file : { file => File.basename(file) }
      pairs.each do |from, name|
        raise "#{from} is missing" unless File.file?(from)
        FileUtils.mkdir_p(@path)
        FileUtils.cp(from, @path/name)
      end
    end
  end
end

class Formula
  @fields = {}
  class << self
    def fields = (@fields ||= {})
    %i[desc homepage license url sha256].each do |name|
      define_method(name) { |value| fields[name] = value }
    end
    def livecheck = nil
    def on_macos = (yield if OS_NAME == "macos")
    def on_linux = (yield if OS_NAME == "linux")
    def on_arm = (yield if ARCH == "arm")
    def on_intel = (yield if ARCH == "intel")
    def test(&block) = (fields[:test] = block)
  end

  def version = self.class.fields[:url][/arcade-(\d+\.\d+\.\d+)-/, 1]
  def bin = Target.new(PREFIX/"bin")
  def man1 = Target.new(PREFIX/"share/man/man1")
  def bash_completion = Target.new(PREFIX/"etc/bash_completion.d")
  def zsh_completion = Target.new(PREFIX/"share/zsh/site-functions")
  def fish_completion = Target.new(PREFIX/"share/fish/vendor_completions.d")

  def shell_output(command, expected = 0)
    text = `#{command}`
    raise "#{command}: exit code #{$?.exitstatus}" unless $?.exitstatus == expected
    text
  end

  def assert_equal(expected, actual)
    raise "#{actual} is not #{expected}" unless expected == actual
  end

  def assert_match(expected, actual)
    raise "#{actual} does not match #{expected}" unless actual.match?(expected)
  end
end

load ARGV[0]
arcade = Arcade.new
begin
  Dir.chdir(ARGV[3]) { arcade.install }
  arcade.instance_eval(&Arcade.fields[:test])
  files = Dir.glob("**/*", base: PREFIX).select { |path| File.file?(PREFIX/path) }.sort
  puts JSON.generate(Arcade.fields.reject { |name,| name == :test }.merge(files: files))
ensure
  FileUtils.rm_r(PREFIX)
end
