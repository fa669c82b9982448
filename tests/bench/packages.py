"""Packages that are made, always the same ones: a tree of npm packages, and wheels. Used by the
scripts beside it. Their sizes are like those of a real tree: most small, some large."""

import base64
import hashlib
import io
import json
import random
import tarfile
import zipfile


def noise(chance, size):
    """Text that packs to about a third, as source code does."""
    words = ["const", "return", "function", "value", "module", "exports", "this", "=>", "{", "}\n"]
    words += [f"name{chance.randrange(10_000)}" for _ in range(200)]
    out, length = [], 0
    while length < size:
        word = chance.choice(words)
        out.append(word)
        length += len(word) + 1
    return " ".join(out).encode()


def sizes(chance):
    """The sizes of a package's files in bytes."""
    files = min(60, 2 + int(chance.expovariate(1 / 8)))
    return [min(400_000, 300 + int(chance.expovariate(1 / 6_000))) for _ in range(files)]


def npm_tree(count=360, seed=7):
    """Manifests and tarballs. Each package needs up to three that come before it; the last one is
    needed by nobody and needs all others that are."""
    chance = random.Random(seed)
    tree = []
    for number in range(count):
        name = f"@bench/package-{number}" if number % 7 == 0 else f"bench-package-{number}"
        version = f"{chance.randrange(1, 9)}.{chance.randrange(20)}.{chance.randrange(20)}"
        needs = chance.sample(tree, min(len(tree), chance.randrange(4)))
        manifest = {
            "name": name, "version": version, "description": f"Package {number}", "license": "MIT",
            "main": "file-0.js",
            "dependencies": {need["name"]: f"^{need['version']}" for need, _ in needs},
        }
        tree.append((manifest, npm_tarball(chance, manifest)))
    return tree


def npm_tarball(chance, manifest):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
        files = [("package.json", json.dumps(manifest).encode())]
        files += [(f"file-{n}.js", noise(chance, size)) for n, size in enumerate(sizes(chance))]
        for path, data in files:
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def npm_published(manifest, tarball, url):
    """The manifest as a packument has it."""
    return manifest | {"dist": {
        "integrity": "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode(),
        "shasum": hashlib.sha1(tarball).hexdigest(),
        "tarball": url,
    }}


def npm_file(manifest):
    return f"{manifest['name'].split('/')[-1]}-{manifest['version']}.tgz"


def npm_document(manifest, tarball):
    """What npm sends to publish."""
    name, version = manifest["name"], manifest["version"]
    return json.dumps({
        "_id": name, "name": name, "dist-tags": {"latest": version},
        "versions": {version: npm_published(manifest, tarball, f"http://x/{npm_file(manifest)}")},
        "_attachments": {f"{name}-{version}.tgz": {
            "content_type": "application/octet-stream",
            "data": base64.b64encode(tarball).decode(), "length": len(tarball),
        }},
    }).encode()


def npm_lock(tree, registry):
    """A project that needs the whole tree, and its lock file for that registry."""
    needs = {manifest["name"]: manifest["version"] for manifest, _ in tree}
    project = {"name": "bench", "version": "1.0.0", "dependencies": needs}
    packages = {"": project}
    for manifest, tarball in tree:
        dist = npm_published(manifest, tarball, "")["dist"]
        packages[f"node_modules/{manifest['name']}"] = {
            "version": manifest["version"],
            "resolved": f"{registry}{manifest['name']}/-/{npm_file(manifest)}",
            "integrity": dist["integrity"], "license": "MIT",
            "dependencies": manifest["dependencies"],
        }
    lock = {"name": "bench", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
            "packages": packages}
    return project, lock


def wheels(count=100, seed=7):
    """Names of wheels and their bytes: no project needs another."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        name, version = f"bench_wheel_{number}", f"{chance.randrange(1, 9)}.{chance.randrange(20)}"
        info = f"{name}-{version}.dist-info"
        files = [(f"{name}/file_{n}.py", b"# " + noise(chance, size).replace(b"\n", b" "))
                 for n, size in enumerate(sizes(chance))]
        files += [
            (f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n".encode()),
            (f"{info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        ]
        record = "".join(f"{path},,\n" for path, _ in files) + f"{info}/RECORD,,\n"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in [*files, (f"{info}/RECORD", record.encode())]:
                archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
        made.append((name, version, f"{name}-{version}-py3-none-any.whl", out.getvalue()))
    return made
