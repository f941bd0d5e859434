"""Archives that the programs of this machine make of one directory."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.makers.archive import Archive
from harness.makers.programs import ANT, DOTNET, PERL, PHP, PYTHON, RUBY, RUBY_ZIP
from harness.processes import must_run, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Maker:
    """A shell command that packs the directory `tree` as `archive`.

    The command runs in the directory above `tree`; `$A` is the archive.
    """

    name: str
    file: str
    command: str
    refusal: str = ""


def tars() -> Iterator[Maker]:
    """Yield the makers of tars that are not compressed."""
    for name in ("gnu", "oldgnu", "posix"):
        yield Maker(
            f"GNU tar --format={name}", f"{name}.tar", f"tar --format={name} -cf $A -C tree ."
        )
    for name in ("v7", "ustar"):
        # These formats have no names of more than 255 bytes.
        command = f"tar --format={name} -cf $A -C tree bin static empty VERSION"
        yield Maker(f"GNU tar --format={name}", f"{name}.tar", command)
    appended = "tar -cf $A -C tree ./bin && tar -rf $A -C tree ./lib ./bin/run ."
    yield Maker("GNU tar -r, with files twice", "twice.tar", appended, "duplicateName")
    appended = "tar -cf $A -C tree ./bin && tar -rf $A --no-recursion -C tree ./bin ./static"
    yield Maker("GNU tar -r, with a directory twice", "appended.tar", appended)
    yield Maker("GNU tar --sparse", "sparse.tar", "truncate -s 1M tree/hole; tar -Scf $A -C tree .")
    for name in ("pax", "gnutar", "ustar", "cpio"):
        refusal = "cpio" if name == "cpio" else ""
        command = f"bsdtar --format={name} -cf $A -C tree bin static empty VERSION"
        yield Maker(f"bsdtar --format={name}", f"bsd-{name}.tar", command, refusal)
    yield Maker("BusyBox tar", "busybox.tar", "busybox tar -cf $A -C tree .")
    yield Maker(
        "cpio -H ustar", "cpio.tar", "cd tree; find bin static empty | cpio --quiet -o -H ustar >$A"
    )
    yield Maker("pax", "pax.tar", "cd tree; pax -w -x ustar -f $A bin static empty VERSION")
    yield Maker("7-Zip", "7z.tar", "cd tree; 7zz a -snl -ttar $A . >/dev/null")
    yield Maker("Python tarfile", "python.tar.gz", f"/usr/bin/python3 -c '{PYTHON}' $A gz")
    yield Maker("Python tarfile", "python.tar.xz", f"/usr/bin/python3 -c '{PYTHON}' $A xz")
    yield Maker("Perl Archive::Tar", "perl.tar", f"cd tree; perl -e '{PERL}' $A tar")
    yield Maker("Ruby Gem::Package", "ruby.tar", f"ruby -e '{RUBY}' $A")
    yield Maker("npm pack", "npm.tgz", "cd tree; npm pack --silent >/dev/null && mv *.tgz $A")
    yield Maker("git archive", "git.tar.gz", "git --git-dir repository archive -o $A HEAD")
    yield Maker(
        "git archive --prefix, as GitHub does",
        "github.tar.gz",
        "git --git-dir repository archive --prefix app-1/ -o $A HEAD",
    )
    yield Maker("ant", "ant.tar.gz", "ant -q -f build.xml -Dfile=$A tar >/dev/null")


def compressed_tars() -> Iterator[Maker]:
    """Yield the programs that compress a tar."""
    programs = {
        "gzip -9": "gz",
        "pigz -p 4 -b 128": "gz",
        "zopfli -c --i1": "gz",
        "bzip2": "bz2",
        "pbzip2 -p4 -b1": "bz2",
        "lbzip2 -n 4": "bz2",
        "xz -9": "xz",
        "xz -T4 --block-size=100KiB": "xz",
        "xz --check=none": "xz",
        "pixz": "xz",
        "zstd -19": "zst",
        "zstd -T4 --long=27": "zst",
        "zstd --no-check": "zst",
        "pzstd -q -p 4": "zst",
        "lz4 -9": "lz4",
        "lz4 -BD --no-frame-crc": "lz4",
    }
    for number, (program, suffix) in enumerate(programs.items()):
        source = "" if program.startswith("zopfli") else "<all.tar"
        end = "all.tar" if program.startswith("zopfli") else "-c"
        if program == "pixz":
            end = ""
        yield Maker(program, f"c{number}.tar.{suffix}", f"{program} {end} {source} >$A")
    refused = {
        "zstd --ultra -22 --long=28 -c": ("zst", "zstd window"),
        "plzip -c": ("lz", "lzip"),
        "lzip -c": ("lz", "lzip"),
        "xz --format=lzma -c": ("lzma", "lzma"),
        "lz4 -l -c": ("lz4", "legacy format"),
        "lzop -c": ("lzo", "lzop"),
    }
    for program, (suffix, refusal) in refused.items():
        name = f"refused-{program.split()[0]}.tar.{suffix}"
        yield Maker(program, name, f"{program} <all.tar >$A", refusal)


def zips() -> Iterator[Maker]:
    """Yield the makers of zips, and of archives of other kinds."""
    yield Maker("Info-ZIP zip", "infozip.zip", "cd tree; zip -q -r -y $A .")
    yield Maker("Info-ZIP zip from a pipe", "pipe.zip", "cd tree; zip -q -r - . | cat >$A")
    yield Maker("Info-ZIP zip -UN=UTF8", "utf8.zip", "cd tree; zip -q -r -y -UN=UTF8 $A .")
    yield Maker("Info-ZIP zip -k, with names of DOS", "dos.zip", "cd tree; zip -q -k -r $A bin")
    yield Maker("jar", "java.jar", "jar --create --file $A -C tree .")
    yield Maker(
        "jar without compression", "stored.jar", "jar --create --no-compress --file $A -C tree ."
    )
    yield Maker("7-Zip", "7zip.zip", "cd tree; 7zz a -tzip -snl $A . >/dev/null")
    yield Maker(
        "7-Zip -mcu=on", "7zip-utf8.zip", "cd tree; 7zz a -tzip -mcu=on -snl $A . >/dev/null"
    )
    yield Maker("bsdtar", "bsdtar.zip", "bsdtar --format=zip -cf $A -C tree .")
    yield Maker(
        "advzip", "advzip.zip", "cd tree; find . -type f -print0 | xargs -0 advzip -q -a -4 $A"
    )
    yield Maker("Python zipfile", "python.zip", "cd tree; /usr/bin/python3 -m zipfile -c $A *")
    shutil_call = 'import shutil,sys; shutil.make_archive(sys.argv[1][:-4], "zip", "tree")'
    yield Maker("Python shutil", "shutil.zip", f"/usr/bin/python3 -c '{shutil_call}' $A")
    yield Maker("Perl Archive::Zip", "perl.zip", f"cd tree; perl -e '{PERL}' $A zip")
    yield Maker("PHP ZipArchive (libzip)", "php.zip", f"php -r '{PHP}' $A")
    yield Maker("git archive", "git.zip", "git --git-dir repository archive -o $A HEAD")
    yield Maker("ant", "ant.zip", "ant -q -f build.xml -Dfile=$A zip >/dev/null")
    yield Maker("Ruby rubyzip", "ruby.zip", f"ruby -e '{RUBY_ZIP}' $A")
    yield Maker(".NET (Mono)", "mono.zip", "mono pack.exe $A directory")
    yield Maker(".NET (Mono), with backslashes", "backslashes.zip", "mono pack.exe $A names")
    yield Maker("zip -e", "encrypted.zip", "cd tree; zip -q -r -P secret $A .", "encrypted")
    yield Maker(
        "zip -Z bzip2",
        "bzip2.zip",
        "cd tree; zip -q -r -Z bzip2 $A .",
        "neither stored nor deflated",
    )
    yield Maker(
        "zip -s", "split.zip", "cd tree; zip -q -r -s 64k $A .; mv ${A%zip}z01 $A", "split zip"
    )
    yield Maker("7-Zip", "7z.7z", "cd tree; 7zz a $A . >/dev/null", "7-Zip")
    yield Maker("ar", "library.a", "ar -q $A tree/VERSION 2>/dev/null", "Debian package")
    yield Maker(
        "gzip of a file", "file.gz", "gzip -c tree/static/large.txt >$A", "single compressed file"
    )


def made_here(work: Path, tree: Path) -> list[Archive]:
    """Let every maker pack the tree, and print those that can't, for example missing ones."""
    prepare(tree)
    found: list[Archive] = []
    for maker in (*tars(), *compressed_tars(), *zips()):
        archive = work / maker.file
        archive.unlink(missing_ok=True)
        ended = run(
            ["bash", "-e", "-o", "pipefail", "-c", maker.command],
            environment={
                "A": str(archive),
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG": "C.UTF-8",
                "HOME": str(work),
                "TZ": "UTC",
            },
            directory=tree.parent,
        )
        if ended.status == 0 and archive.exists():
            found.append(Archive(archive, maker.name, maker.refusal))
        else:
            print(f"not made: {maker.name} ({maker.file}): {ended.text[-200:]}")
        (tree / "hole").unlink(missing_ok=True)
    return found


def prepare(tree: Path) -> None:
    """Write beside the tree what some makers need."""
    directory = tree.parent
    (directory / "build.xml").write_text(ANT, encoding="utf-8")
    (directory / "pack.cs").write_text(DOTNET, encoding="utf-8")
    git = ["git", "--git-dir", "repository", "--work-tree", "tree"]
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (
        ["tar", "-cf", "all.tar", "-C", "tree", "."],
        ["git", "init", "-q", "--bare", "repository"],
        [*git, "add", "."],
        [*git, *author, "commit", "-q", "-m", "1"],
    ):
        must_run(*command, directory=directory)
    assemblies = ["-r:System.IO.Compression.dll", "-r:System.IO.Compression.FileSystem.dll"]
    if shutil.which("mcs"):
        must_run("mcs", "-out:pack.exe", *assemblies, "pack.cs", directory=directory)
