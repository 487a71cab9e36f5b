#!/bin/sh
# Builds the documentation site from the Markdown files of the repository:
#
#   docs.sh WORK OUT
#
# WORK gets the pages, the configuration and the npm packages, and keeps the packages for
# the next build. Its name begins with a dot, so that Go ignores what packages contain.
# The site is built in OUT. Dead links and anchors are errors.
set -eu
work=$1 out=$2
mkdir -p "$work"
find "$work" -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} +
cp -R site/. "$work"

# The pages, at the same paths as in the repository.
for page in CHANGELOG.md CODE_OF_CONDUCT.md CONTRIBUTING.md SECURITY.md charts/blueprint/README.md docs; do
	mkdir -p "$work/$(dirname "$page")"
	cp -R "$page" "$work/$(dirname "$page")"
done

# The schemas, at the addresses of their $id.
mkdir -p "$work/public/schemas"
for kind in recipe group secrets; do
	id=https://kubectl-blueprint.github.io/kubectl-blueprint/schemas/$kind.schema.json
	bin/kubectl-blueprint schema "$kind" | sed "2s|.*|&\n  \"\$id\": \"$id\",|" >"$work/public/schemas/$kind.schema.json"
done
cp site/blueprint.schema.json "$work/public/schemas/"

cd "$work"
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --no-audit --no-fund --ignore-scripts
	cp package-lock.json node_modules/.installed
fi
npx --no-install vitepress build
cd - >/dev/null
node "$work/check-schemas.mjs" "$work/public/schemas" testdata/recipes/*.json
node site/check-links.mjs "$out"
