"""Short programs that pack the directory `tree` with the library of a language.

Each stands between single quotation marks of a shell, and gets the archive as its argument.
"""

from __future__ import annotations

PYTHON = (
    'import sys,tarfile; archive = tarfile.open(sys.argv[1], f"w:{sys.argv[2]}");'
    ' archive.add("tree", arcname="."); archive.close()'
)

# Of the current directory; Archive::Tar and Archive::Zip.
PERL = (
    "use Archive::Tar; use Archive::Zip; use File::Find;"
    ' my @names; find({no_chdir => 1, wanted => sub { push @names, $_ if $_ ne "." }}, ".");'
    ' if ($ARGV[1] eq "tar") { my $tar = Archive::Tar->new; $tar->add_files(@names);'
    " $tar->write($ARGV[0]) } else { my $zip = Archive::Zip->new;"
    ' $zip->addTree(".", ""); $zip->writeToFileNamed($ARGV[0]) }'
)

RUBY = (
    'require "rubygems/package"; File.open(ARGV[0], "wb") { |file|'
    " Gem::Package::TarWriter.new(file) { |tar|"
    ' ["VERSION", "bin/run", "lib/empty", "static/large.txt"].each { |name|'
    ' path = "tree/#{name}"; text = File.binread(path);'
    " tar.add_file_simple(name, File.stat(path).mode & 0777, text.bytesize) { |io| io.write(text) }"
    " } } }"
)

RUBY_ZIP = (
    'require "zip"; Zip::File.open(ARGV[0], Zip::File::CREATE) { |zip|'
    ' Dir.glob("**/*", base: "tree").sort.each { |name|'
    ' zip.add(name, "tree/#{name}") unless File.symlink?("tree/#{name}") } }'
)

PHP = (
    "$zip = new ZipArchive; $zip->open($argv[1], ZipArchive::CREATE);"
    " $all = new RecursiveIteratorIterator(new RecursiveDirectoryIterator("
    '"tree", FilesystemIterator::SKIP_DOTS));'
    " foreach ($all as $file) { if (!$file->isLink()) $zip->addFile("
    "$file->getPathname(), $all->getSubPathname()); } $zip->close();"
)

# The second archive has the names that .NET wrote on Windows until version 4.6: with backslashes.
DOTNET = """\
using System.IO;
using System.IO.Compression;

class Pack {
  static void Main(string[] arguments) {
    if (arguments[1] == "directory") {
      ZipFile.CreateFromDirectory("tree", arguments[0]);
      return;
    }
    using (var zip = ZipFile.Open(arguments[0], ZipArchiveMode.Create)) {
      foreach (var name in new[] { "VERSION", "bin/run", "static/large.txt" })
        zip.CreateEntryFromFile("tree/" + name, name.Replace('/', '\\\\'));
    }
  }
}
"""

ANT = """\
<project>
  <target name="tar">
    <tar destfile="${file}" compression="gzip" longfile="posix" basedir="tree"/>
  </target>
  <target name="zip"><zip destfile="${file}" basedir="tree"/></target>
</project>
"""
