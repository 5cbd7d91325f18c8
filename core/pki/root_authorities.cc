// The certificates are those which their owners publish:
// https://www.microsoft.com/pkiops/docs/repository.htm and
// https://www.digicert.com/kb/digicert-root-certificates.htm.
#include "core/pki/root_authorities.h"

#include <algorithm>

#include "core/pki/certificate.h"

namespace milink::pki {
namespace {

constexpr std::string_view kMicrosoftRsa2017 =
    "MIIFqDCCA5CgAwIBAgIQHtOXCV/YtLNHcB6qvn9FszANBgkqhkiG9w0BAQwFADBlMQswCQYDVQQGEwJVUzEeMBwG"
    "A1UEChMVTWljcm9zb2Z0IENvcnBvcmF0aW9uMTYwNAYDVQQDEy1NaWNyb3NvZnQgUlNBIFJvb3QgQ2VydGlmaWNh"
    "dGUgQXV0aG9yaXR5IDIwMTcwHhcNMTkxMjE4MjI1MTIyWhcNNDIwNzE4MjMwMDIzWjBlMQswCQYDVQQGEwJVUzEe"
    "MBwGA1UEChMVTWljcm9zb2Z0IENvcnBvcmF0aW9uMTYwNAYDVQQDEy1NaWNyb3NvZnQgUlNBIFJvb3QgQ2VydGlm"
    "aWNhdGUgQXV0aG9yaXR5IDIwMTcwggIiMA0GCSqGSIb3DQEBAQUAA4ICDwAwggIKAoICAQDKW76UM4wplZEWCpW9"
    "R2LBifOZNt9GkMml7Xhqb0eRaPgnZ1AzHaGm++DlQ6OEAlcBXZxIQIJTELy/xztokLaCLeX0ZdDMbRnMlfl7rEqU"
    "rQ7eS0MdhweSE5CAg2Q1OQT85elss7YfUJQ4ZVBcF0a5toW1HLUX6NZFndiyJrDKxHBKrmCk3bPZ7Pw71VdyvD/I"
    "ybLeS2v4I2wDwAW9lcfNcztmgGTjGqwu+UcF8ga2m3P1eDNbx6H7JyqhtJqRjJHTOoI+dkC0zVJhUXAoP8XFWvLJ"
    "jEm7FFtNyP9nTUwSlq31/niol4fX/V4ggNyhSyL71Imtus5Hl0dVe49FyGcohJUcaDDv70ngNXtk55iwlNpNhTs+"
    "VcQor1fznhPbRiefHqJeRIOkpcrVE7NLP8TjwuaGYaRSMLl6IE9vDzhTyzMMEyuP1pq9KsgtsRx9S1HKR9FIJ3Jd"
    "h+vVReZIZZ2vUpC6W6IYZVcSn2i51BVrlMRpIpj0M+Dt+VGOQVDJNE92kKz8OMHY4Xu54+OU4UZpyw4KUGsTuqwP"
    "N1q3ErWQgR5WrlcihtnJ0tHXUeOrO8ZV/R4O03QK0dqq6mm4lyiPSMQH+FJDOvTKVTUssKZqwJz58oHhEmrARdln"
    "s87/I6KJClTUFLkqqNfs+avNJVgyeY+QW5g5xAgGwax/Dj0ApQIDAQABo1QwUjAOBgNVHQ8BAf8EBAMCAYYwDwYD"
    "VR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUCctZf4aycI8awznjwNnpv7tNsiMwEAYJKwYBBAGCNxUBBAMCAQAwDQYJ"
    "KoZIhvcNAQEMBQADggIBAKyvPl3CEZaJjqPnktaXFbgToqZCLgLNFgVZJ8og6Lq46BrsTaiXVq5lQ7GPAJtSzVXN"
    "UzltYkyLDVt8LkS/gxCP81OCgMNPOsduET/m4xaRhPtthH80dK2Jp86519efhGSSvpWhrQlTM93uCupKUY5vVau6"
    "tZRGrox/2KJQJWVggEbbMwSubLWYdFQl3JPk+ONVFT24bcMKpBLBaYVu32TxU5nhSnUgnZUP5NbcA/FZGOhHibJX"
    "WpS2qdgXKxdJ5XbLwVaZOjex/2kskZGT4d9Mozd2TaGf+G0eHdP67Pv0RR0Tbc/3WeUiJ3IrhvNXuzDtJE3cfVa7"
    "o7P4NHmJweDyAmH3pvwPuxwXC65B2Xy9J6P9LjrRk5Sxcx0ki69bIImtt2dmefU6xqaWM/5TkshGsRGRxpl/j8nW"
    "ZjEgQRCHLQzWwa80mMpkg/sTV9HB8Dx6jKXB/ZUhoHHBk2dxEuqPiAppGWSZI1b7rCoucL5mxAyE7+WL85MB+GqQ"
    "k2dLsmijtWKP6T+MejteD+eMuMZ87zf9dOLITzNy4ZQ5bb0Sr74MTnB8G2+NszKTc0QWbej09+CVgI+WXTik9Kve"
    "CjCHk9hNAHFiRSdLOkKEW39lt2c0Ui2cFmuqqNh7o0JMcccMyj6D5KbvtwEwXlGjefVwaaZBRA+GsCyRxj3qrg+E";

constexpr std::string_view kDigiCertGlobalG2 =
    "MIIDjjCCAnagAwIBAgIQAzrx5qcRqaC7KGSxHQn65TANBgkqhkiG9w0BAQsFADBhMQswCQYDVQQGEwJVUzEVMBMG"
    "A1UEChMMRGlnaUNlcnQgSW5jMRkwFwYDVQQLExB3d3cuZGlnaWNlcnQuY29tMSAwHgYDVQQDExdEaWdpQ2VydCBH"
    "bG9iYWwgUm9vdCBHMjAeFw0xMzA4MDExMjAwMDBaFw0zODAxMTUxMjAwMDBaMGExCzAJBgNVBAYTAlVTMRUwEwYD"
    "VQQKEwxEaWdpQ2VydCBJbmMxGTAXBgNVBAsTEHd3dy5kaWdpY2VydC5jb20xIDAeBgNVBAMTF0RpZ2lDZXJ0IEds"
    "b2JhbCBSb290IEcyMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuzfNNNx7a8myaJCtSnX/RrohCgiN"
    "9RlUyfuI2/Ou8jqJkTx65qsGGmvPrC3oXgkkRLpimn7Wo6h+4FR1IAWsULecYxpsMNzaHxmx1x7e/dfgy5SDN67s"
    "H0NO3Xss0r0upS/kqbitOtSZpLYl6ZtrAGCSYP9PIUkY92eQq2EGnI/yuum06ZIya7XzV+hdG82MHauVBJVJ8zUt"
    "luNJbd134/tJS7SsVQepj5WztCO7TG1F8PapspUwtP1MVYwnSlcUfIKdzXOS0xZKBgyMUNGPHgm+F6HmIcr9g+UQ"
    "vIOlCsRnKPZzFBQ9RnbDhxSJITRNrw9FDKZJobq7nMWxM4MphQIDAQABo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G"
    "A1UdDwEB/wQEAwIBhjAdBgNVHQ4EFgQUTiJUIBiV5uNu5g/6+rkS7QYXjzkwDQYJKoZIhvcNAQELBQADggEBAGBn"
    "KJRvDkhj6zHd6mcY1Yl9PMWLSn/pvtsrF9+wX3N3KjITOYFnQoQj8kVnNeyIv/iPsGEMNKSuIEyExtv4NeF22d+m"
    "QrvHRAiGfzZ0JFrabA0UWTW98kndth/Jsw1HKj2ZL7tcu7XUIOGZX1NGFdtom/DzMNU+MeKNhJ7jitralj41E6Vf"
    "8PlwUHBHQRFXGU7Aj64GxJUTFy8bJZ918rGOmaFvE7FBcf6IKshPECBV1/MUReXgRPTqh5Uykw7+U0b6LJ3/iyK5"
    "S9kJRaTepLiaWN0bfVKfjllDiIGknibVb63dDcY3fe0Dkhvld1927jyNxF1WW6LZZm6zNTflMrY=";

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

Error UnreadableRoot(std::string what) {
  return {ErrorKind::kInvalid, "CertificateUnreadable", std::move(what), ""};
}

// "DigiCert Global Root G3" -> "DigiCert_Global_Root_G3": no character that a statement minds.
CertificateName NameOf(const CertificateInfo& info) {
  constexpr std::size_t kLongest = 100;
  std::string name = info.common_name.substr(0, kLongest);
  std::ranges::replace_if(
      name,
      [](char c) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return !plain && c != '-';
      },
      '_');
  // The same name may be that of several certificates.
  return CertificateName((name.empty() ? "Root" : name) + "_" + info.thumbprint.substr(0, 8));
}

Result<RootAuthority> ReadRoot(std::string_view pem) {
  auto der = PemToDer(pem);
  if (!der.ok()) {
    return std::move(der).error();
  }
  auto info = ParseCertificate(*der);
  if (!info.ok()) {
    return std::move(info).error();
  }
  if (!info->authority) {
    return UnreadableRoot("certificate " + info->subject + " is not one of an authority");
  }
  return RootAuthority{NameOf(*info), info->common_name, info->thumbprint, *std::move(der)};
}

RootAuthority Make(std::string_view sql_name, std::string_view base64) {
  RootAuthority root;
  root.sql_name = CertificateName(std::string(sql_name));
  const std::string pem =
      "-----BEGIN CERTIFICATE-----\n" + std::string(base64) + "\n-----END CERTIFICATE-----\n";
  if (auto der = PemToDer(pem); der.ok()) {
    root.der = *std::move(der);
  }
  if (auto info = ParseCertificate(root.der); info.ok()) {
    root.common_name = info->common_name;
    root.thumbprint = info->thumbprint;
  }
  return root;
}

}  // namespace

std::vector<RootAuthority> RootAuthorities() {
  return {Make("MicrosoftPKI", kMicrosoftRsa2017), Make("DigiCertPKI", kDigiCertGlobalG2)};
}

Result<std::vector<RootAuthority>> ReadRootAuthorities(std::string_view pem,
                                                       const std::vector<RootAuthority>& known) {
  std::vector<RootAuthority> found;
  std::size_t read = 0;
  for (std::size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at)) {
    const std::size_t end = pem.find(kEnd, at);
    if (end == std::string_view::npos) {
      return UnreadableRoot("a certificate has no end");
    }
    auto root = ReadRoot(pem.substr(at, end + kEnd.size() - at));
    if (!root.ok()) {
      return std::move(root).error();
    }
    ++read;
    const auto same = [&](const RootAuthority& other) {
      return other.thumbprint == root->thumbprint;
    };
    if (std::ranges::none_of(known, same) && std::ranges::none_of(found, same)) {
      found.push_back(*std::move(root));
    }
    at = end;
  }
  if (read == 0) {
    return UnreadableRoot("the text holds no certificate in PEM form");
  }
  return found;
}

}  // namespace milink::pki
