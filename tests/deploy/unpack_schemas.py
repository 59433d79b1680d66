"""unpack_schemas.py WHEEL FOLDER VERSION…: of the package kubernetes-validate, its code and the strict schemas of these versions
of Kubernetes. The whole has twenty thousand small files, which a slow disk takes a minute to write and to remove.
"""

import sys
import zipfile

wheel, folder, *versions = sys.argv[1:]
wanted = tuple(f"kubernetes_validate/kubernetes-json-schema/v{version}.0-local-strict/" for version in versions)
with zipfile.ZipFile(wheel) as package:
    names = [name for name in package.namelist() if name.endswith(".py") or name.startswith(wanted)]
    package.extractall(folder, names)
