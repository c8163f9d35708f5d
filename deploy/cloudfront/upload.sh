#!/bin/sh
# Uploads dist/, which has to be in the present folder:
#   sh upload.sh BUCKET DISTRIBUTION
# What never changes comes first, and what names it afterwards, so that no visitor is sent to a file that
# is not there yet. Nothing is deleted: a page that is open goes on with the files of its own build.
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
