//! Amazon S3 behind CloudFront: a CloudFormation template, and a script that uploads the build.
//!
//! `Cache-Control` is stored with each object, so that a 404 from S3 has none; CloudFront sets only
//! the callback's, since its object is `index.html`.

use std::fmt::Write as _;

use serde_json::Value;

use super::file::{File, file};
use crate::rules::Class;
use crate::site::Site;

pub(super) fn render(site: &Site) -> Vec<File> {
    vec![
        file("template.yaml", template(site)),
        file("upload.sh", upload(site)),
    ]
}

/// The value of one of the site's headers as JSON, a subset of YAML.
fn quoted(site: &Site, name: &str) -> String {
    let headers = site.headers();
    let header = headers.iter().find(|header| header.name == name);
    Value::from(header.map_or("", |header| header.value.as_str())).to_string()
}

/// The settings of a response headers policy, indented for the template.
fn headers(site: &Site, cache_control: Option<Class>) -> String {
    let mut text = format!(
        "        SecurityHeadersConfig:
          ContentSecurityPolicy:
            ContentSecurityPolicy: {policy}
            Override: true
          ContentTypeOptions:
            Override: true
          ReferrerPolicy:
            ReferrerPolicy: {referrer}
            Override: true
          StrictTransportSecurity:
            AccessControlMaxAgeSec: 31536000
            Override: true
        CustomHeadersConfig:
          Items:
",
        policy = quoted(site, "Content-Security-Policy"),
        referrer = quoted(site, "Referrer-Policy").replace('"', ""),
    );
    let custom = [
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
    ];
    let custom = custom.map(|name| (name, quoted(site, name)));
    let cache_control = cache_control.map(|class| {
        (
            "Cache-Control",
            Value::from(class.cache_control()).to_string(),
        )
    });
    for (name, value) in custom.into_iter().chain(cache_control) {
        let _ = write!(
            text,
            "            - Header: {name}\n              Value: {value}\n              Override: true\n"
        );
    }
    text
}

fn template(site: &Site) -> String {
    let base = &site.base;
    let upstream = site.keys_upstream();
    let keys_path = site.keys_path();
    format!(
        r#"# S3 and CloudFront. The certificate must be in us-east-1; nothing else depends on a region.
#   aws cloudformation deploy --template-file template.yaml --stack-name cc-connect \
#     --parameter-overrides DomainName=connect.example.com CertificateArn=arn:aws:acm:us-east-1:…
# Then point the domain name at the distribution and run upload.sh.
AWSTemplateFormatVersion: "2010-09-09"
Description: "CC Connect: a static site in S3 behind CloudFront"

Parameters:
  DomainName:
    Type: String
  CertificateArn:
    Type: String
  ProxyKeys:
    Type: String
    AllowedValues: ["no", "yes"]
    Default: "no"
    Description: "yes: {keys_path} serves the issuer's keys, in case the issuer no longer lets other origins read them"

Conditions:
  WithKeys: !Equals [!Ref ProxyKeys, "yes"]

Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true

  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          # Without the permission to list, S3 responds with 403 instead of 404 to missing objects.
          - Effect: Allow
            Principal: {{ Service: cloudfront.amazonaws.com }}
            Action: ["s3:GetObject", "s3:ListBucket"]
            Resource: [!GetAtt Bucket.Arn, !Sub "${{Bucket.Arn}}/*"]
            Condition:
              StringEquals:
                "AWS:SourceArn": !Sub "arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{Distribution}}"

  OriginAccess:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        Name: !Sub "${{AWS::StackName}}-s3"
        OriginAccessControlOriginType: s3
        SigningBehavior: always
        SigningProtocol: sigv4

  Routes:
    Type: AWS::CloudFront::Function
    Properties:
      Name: !Sub "${{AWS::StackName}}-routes"
      AutoPublish: true
      FunctionConfig:
        Comment: "Serves the document at the app's routes, without a redirect"
        Runtime: cloudfront-js-2.0
      FunctionCode: |
        function handler(event) {{
          var request = event.request;
          var name = request.uri.substring(request.uri.lastIndexOf('/') + 1);
          // A path with an extension is a file or does not exist.
          if (request.uri.startsWith('{base}') && name.indexOf('.') === -1{dotted_callback}) {{
            request.uri = '{index}';
          }}
          return request;
        }}

  Keys:
    Type: AWS::CloudFront::Function
    Condition: WithKeys
    Properties:
      Name: !Sub "${{AWS::StackName}}-keys"
      AutoPublish: true
      FunctionConfig:
        Comment: "The path of the issuer's keys"
        Runtime: cloudfront-js-2.0
      FunctionCode: |
        function handler(event) {{
          event.request.uri = '{keys_upstream_path}';
          return event.request;
        }}

  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: !Sub "${{AWS::StackName}}-headers"
{headers}
  CallbackHeaders:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        Name: !Sub "${{AWS::StackName}}-callback-headers"
{callback_headers}
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        HttpVersion: http2and3
        IPV6Enabled: true
        Aliases: [!Ref DomainName]
        ViewerCertificate:
          AcmCertificateArn: !Ref CertificateArn
          MinimumProtocolVersion: TLSv1.2_2021
          SslSupportMethod: sni-only
        Origins:
          - Id: bucket
            DomainName: !GetAtt Bucket.RegionalDomainName
            OriginAccessControlId: !Ref OriginAccess
            S3OriginConfig: {{ OriginAccessIdentity: "" }}
          - !If
            - WithKeys
            - Id: keys
              DomainName: {keys_host}
              CustomOriginConfig: {{ OriginProtocolPolicy: https-only, OriginSSLProtocols: [TLSv1.2] }}
            - !Ref AWS::NoValue
        CustomErrorResponses:
          # A missing file may exist after the next upload; CloudFront would keep the response for 10 s.
          - ErrorCode: 404
            ErrorCachingMinTTL: 0
        DefaultCacheBehavior:
          TargetOriginId: bucket
          ViewerProtocolPolicy: redirect-to-https
          # CachingOptimized: uses the Cache-Control stored with each object, and compresses with br and gzip.
          CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
          Compress: true
          ResponseHeadersPolicyId: !Ref Headers
          FunctionAssociations:
            - EventType: viewer-request
              FunctionARN: !GetAtt Routes.FunctionMetadata.FunctionARN
        CacheBehaviors:
          - PathPattern: {callback}
            TargetOriginId: bucket
            ViewerProtocolPolicy: redirect-to-https
            CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
            Compress: true
            ResponseHeadersPolicyId: !Ref CallbackHeaders
            FunctionAssociations:
              - EventType: viewer-request
                FunctionARN: !GetAtt Routes.FunctionMetadata.FunctionARN
          - !If
            - WithKeys
            - PathPattern: {keys_path}
              TargetOriginId: keys
              ViewerProtocolPolicy: redirect-to-https
              CachePolicyId: 658327ea-f89d-4fab-a63d-7e88639e58f6
              Compress: true
              ResponseHeadersPolicyId: !Ref Headers
              FunctionAssociations:
                - EventType: viewer-request
                  FunctionARN: !GetAtt Keys.FunctionMetadata.FunctionARN
            - !Ref AWS::NoValue

Outputs:
  BucketName:
    Value: !Ref Bucket
  DistributionId:
    Value: !Ref Distribution
  DistributionDomainName:
    Value: !GetAtt Distribution.DomainName
"#,
        index = base.join("index.html"),
        callback = site.callback(),
        dotted_callback = site.dotted_callback().map_or(String::new(), |path| format!(
            " || request.uri === '{path}'"
        )),
        headers = headers(site, None),
        callback_headers = headers(site, Some(Class::Callback)),
        keys_host = upstream.host_str().unwrap_or_default(),
        keys_upstream_path = upstream.path(),
    )
}

fn upload(site: &Site) -> String {
    let folder = match site.base.folder() {
        "" => String::new(),
        folder => format!("/{folder}"),
    };
    let hashed = site.files.hashed();
    let list = |option: &str, names: &[&str]| {
        names
            .iter()
            .map(|name| format!(" {option} '{name}'"))
            .collect::<String>()
    };
    let of_type = |extension: &str| -> Vec<&str> {
        let ending = format!(".{extension}");
        let names = hashed.iter().copied();
        names.filter(|name| name.ends_with(&ending)).collect()
    };
    let mut text = format!(
        r#"#!/bin/sh
# Uploads dist/ from the current folder:
#   sh upload.sh BUCKET DISTRIBUTION
# Files that never change are uploaded first, and the files that refer to them afterwards, so that no page
# refers to a file that does not exist yet. Nothing is deleted: open pages keep using the files of their build.
set -eu
to="s3://$1{folder}"
"#
    );
    let immutable = Class::Hashed.cache_control();
    for (extension, media_type) in [
        ("js", "text/javascript; charset=utf-8"),
        ("css", "text/css; charset=utf-8"),
        ("wasm", "application/wasm"),
        ("svg", "image/svg+xml"),
    ] {
        let names = of_type(extension);
        if !names.is_empty() {
            let _ = writeln!(
                text,
                "aws s3 cp dist \"$to\" --recursive --exclude '*'{} \\\n  \
                 --content-type '{media_type}' --cache-control '{immutable}'",
                list("--include", &names)
            );
        }
    }
    let cache_control = Class::Other.cache_control();
    let _ = write!(
        text,
        "aws s3 cp dist \"$to\" --recursive --exclude '*.br' --exclude '*.gz'{} \\\n  \
         --exclude index.html --cache-control '{cache_control}'\n\
         aws s3 cp dist/index.html \"$to/index.html\" \\\n  \
         --content-type 'text/html; charset=utf-8' --cache-control '{cache_control}'\n\
         aws cloudfront create-invalidation --distribution-id \"$2\" --paths '{}*'\n",
        list("--exclude", &hashed),
        site.base,
    );
    text
}
