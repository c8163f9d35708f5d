#!/bin/sh
# Uploads dist/ from the current folder:
#   sh upload.sh BUCKET DISTRIBUTION
# Files that never change are uploaded first, and the files that refer to them afterwards, so that no page
# refers to a file that does not exist yet. Nothing is deleted: open pages keep using the files of their build.
set -eu
to="s3://$1"
aws s3 cp dist "$to" --recursive --exclude '*' --include 'cc-connect-*.js' --include 'connect-*.js' --include 'first-*.js' \
  --content-type 'text/javascript; charset=utf-8' --cache-control 'public, max-age=31536000, immutable'
aws s3 cp dist "$to" --recursive --exclude '*' --include 'main-*.css' \
  --content-type 'text/css; charset=utf-8' --cache-control 'public, max-age=31536000, immutable'
aws s3 cp dist "$to" --recursive --exclude '*' --include 'cc-connect-*_bg.wasm' --include 'connect-*_bg.wasm' \
  --content-type 'application/wasm' --cache-control 'public, max-age=31536000, immutable'
aws s3 cp dist "$to" --recursive --exclude '*' --include 'icon-*.svg' \
  --content-type 'image/svg+xml' --cache-control 'public, max-age=31536000, immutable'
aws s3 cp dist "$to" --recursive --exclude '*.br' --exclude '*.gz' --exclude 'cc-connect-*.js' --exclude 'cc-connect-*_bg.wasm' --exclude 'connect-*.js' --exclude 'connect-*_bg.wasm' --exclude 'first-*.js' --exclude 'main-*.css' --exclude 'icon-*.svg' \
  --exclude index.html --cache-control 'no-cache'
aws s3 cp dist/index.html "$to/index.html" \
  --content-type 'text/html; charset=utf-8' --cache-control 'no-cache'
aws cloudfront create-invalidation --distribution-id "$2" --paths '/*'
