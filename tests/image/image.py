"""image.py DOCKERFILE ROOT BINARY: makes the image of DOCKERFILE's last stage out of ROOT, and runs it as an orchestrator would: as
its user, root read-only, the volume writable, nothing in the environment but what the image sets. Called by `run`, in a mount
namespace of its own."""
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

ARTICLE = pathlib.Path(__file__).resolve().parents[2] / "seeds" / "000_d53045ff0d7dd2d6.txt"


class Stage:
    """The last stage of a Dockerfile."""

    def __init__(self, path):
        text = re.sub(r"^#.*\n", "", pathlib.Path(path).read_text(), flags=re.M).replace("\\\n", " ")
        lines = [line.split(None, 1) for line in text.splitlines() if line.strip()]
        last = max(n for n, (word, _) in enumerate(lines) if word == "FROM")
        self.commands = [rest for word, rest in lines[last:] if word == "RUN"]
        self.copies = [shlex.split(rest)[-2:] for word, rest in lines[last:] if word == "COPY"]
        self.env = dict(pair.split("=", 1) for word, rest in lines[last:] if word == "ENV" for pair in shlex.split(rest))
        self.labels = dict(pair.split("=", 1) for word, rest in lines[last:] if word == "LABEL" for pair in shlex.split(rest))
        only = {word: rest for word, rest in lines[last:]}
        self.user, self.volume = only["USER"], only["VOLUME"]
        self.entry = json.loads(only["ENTRYPOINT"])
        self.command = json.loads(only["CMD"])
        self.health = json.loads(only["HEALTHCHECK"].split(" CMD ", 1)[1])


def shell(*command, **more):
    subprocess.run(command, check=True, **more)


def assemble(stage, root, binary):
    for command in stage.commands:
        shell("chroot", root, "/bin/sh", "-ec", command)
    for source, target in stage.copies:
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if pathlib.Path(source).name == "dictum":
            shutil.copyfile(binary, place)
            place.chmod(0o755)
        else:
            # What else comes from the build is not run.
            place.touch()
    volume = root / stage.volume.lstrip("/")
    shell("mount", "--bind", root, root)
    shell("mount", "-t", "proc", "-o", "ro", "proc", root / "proc")
    shell("mount", "-t", "tmpfs", "tmpfs", volume)
    uid, gid = map(int, stage.user.split(":"))
    assert uid and gid, "the image's user is root"
    os.chown(volume, uid, gid)
    shell("mount", "-o", "remount,bind,ro", root, root)


class Image:
    """The image, to be run."""

    def __init__(self, stage, root):
        self.stage, self.root = stage, root

    def start(self, arguments, **env):
        pairs = [f"{key}={value}" for key, value in {"PATH": "/usr/local/bin:/usr/bin:/bin", **self.stage.env, **env}.items()]
        command = ["chroot", f"--userspec={self.stage.user}", str(self.root), "/usr/bin/env", "-i", *pairs, *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, arguments, **env):
        process = self.start(arguments, **env)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def serve(self, **env):
        return self.start(self.stage.entry + self.stage.command, **env)


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def healthy(image, http, deadline=60):
    until = time.monotonic() + deadline
    health = [word.replace("127.0.0.1:9464", http) for word in image.stage.health]
    while time.monotonic() < until:
        if image.run(health)[0] == 0:
            return
        time.sleep(0.5)
    raise AssertionError("the image does not get healthy")


def documents(binary, grpc):
    """How many the service finds: an ingested one after a moment."""
    listed = subprocess.run([binary, "documents", "--json", "--server", grpc], text=True, capture_output=True)
    return len(listed.stdout.splitlines())


def stop(process):
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return time.monotonic() - began


def main(dockerfile, root, binary):
    stage, root = Stage(dockerfile), pathlib.Path(root)
    assemble(stage, root, binary)
    image = Image(stage, root)
    for label in ["title", "description", "licenses", "version"]:
        assert stage.labels.get(f"org.opencontainers.image.{label}"), f"no label {label}"

    code, _, err = image.run(["/bin/sh", "-c", "touch /usr/x /etc/x /tmp/x"])
    assert code and err.count("Read-only file system") == 3, err
    code, _, err = image.run(stage.entry + stage.command)
    assert code == 2 and "insecure" in err, f"open to everybody, and it starts: {code} {err}"

    grpc, http = (f"127.0.0.1:{free_port()}" for _ in range(2))
    settings = {"DICTUM_LISTEN": grpc, "DICTUM_HTTP": http}
    for count in [1, 2]:
        process = image.serve(**settings)
        healthy(image, http)
        name = f"image-{count}"
        record = json.dumps({"id": name, "text": ARTICLE.read_text()})
        stored = subprocess.run([binary, "ingest", "-", "--server", grpc], input=record, text=True, capture_output=True)
        assert stored.returncode == 0, stored.stderr
        # The second start finds what the first one has stored.
        until = time.monotonic() + 20
        while (found := documents(binary, grpc)) < count:
            assert time.monotonic() < until, f"{found} documents are found after {count} starts"
            time.sleep(0.1)
        print(f"--> run {count}: stopped after {stop(process):.1f} s")
    written = sorted({path.relative_to(root).parts[0] for path in root.rglob("*") if path.is_file() and path.stat().st_uid == 10001})
    assert written == [stage.volume.strip("/")], f"files of the image's user lie in {written}"
    print(f"--> ok; the binary has {os.path.getsize(binary) / 1e6:.0f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
