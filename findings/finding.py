"""What every finding needs: a folder that goes again, pinned packages in it, and a comparison that fails."""
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import venv


@contextlib.contextmanager
def folder():
    """A temporary folder for packages, input and output."""
    with tempfile.TemporaryDirectory(prefix="finding-") as path:
        yield pathlib.Path(path)


class Packages:
    """An environment with pinned packages and what they need."""

    def __init__(self, where, *pins, options=()):
        self.folder = where
        home = where / ("environment-" + pins[0].replace("==", "-"))
        venv.create(home, with_pip=True)
        self.interpreter = home / "bin/python"
        subprocess.run(
            [self.interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
             "--only-binary=:all:", *options, *pins], check=True)
        print("with", *pins, flush=True)

    def python(self, code, *arguments):
        """What a program prints, without the white space around it."""
        run = subprocess.run([self.interpreter, "-c", code, *map(str, arguments)], cwd=self.folder, text=True, capture_output=True)
        if run.returncode:
            sys.exit(f"the program failed:\n{run.stderr}")
        return run.stdout.strip()

    def ffmpeg(self, *arguments, picture_data=None):
        """Runs the ffmpeg of imageio-ffmpeg, which must be among the packages."""
        program = self.python("import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())")
        subprocess.run([program, "-y", "-loglevel", "error", *map(str, arguments)], cwd=self.folder, check=True, input=picture_data)


def expect(what, found, expected):
    """Prints what was found, and ends with 1 where the behaviour is another one."""
    print(f"{what}: {found}")
    if str(found) != str(expected):
        sys.exit(f"CHANGED: {what} was '{expected}'")


class Numbered:
    """Pictures of 128x96 that show their own number: eight upright bars, bright where the bit is set."""

    OPTIONS = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "128x96", "-r", "25", "-i", "-"]

    # `number(picture)` for the programs that read such pictures: rows x columns (x colours).
    READ = """
def number(picture):
    return sum(int(picture[40:56, 16 * bit + 4:16 * bit + 12].mean() > 130) << bit for bit in range(8))
"""

    @staticmethod
    def data(count):
        """The first `count` pictures, for ffmpeg's standard input."""
        rows = (b"".join(bytes([200 if number >> bit & 1 else 60]) * 3 * 16 for bit in range(8)) for number in range(count))
        return b"".join(row * 96 for row in rows)
