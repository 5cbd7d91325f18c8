// Which cloud the operator is in, and who it is there: its flags, and the variables that workload
// identity and the Azure SDKs use. Pure, but for TrustedRoots().
#pragma once

#include <string>
#include <vector>

#include "core/azure/cloud.h"
#include "core/azure/credential.h"
#include "core/pki/root_authorities.h"
#include "operator/options.h"

namespace milink::app {

// The cloud of links that name none: --azure-cloud, or the one whose sign-in AZURE_AUTHORITY_HOST
// is; Custom as soon as a flag or that variable describes another one.
azure::Cloud OwnCloud(const AzureOptions& options, const azure::EnvironmentReader& read);

// The authorities that SQL Servers shall trust for managed instances: the two that are built in,
// and those in `file` unless its name is empty. Errors: kNotFound, kInvalid.
Result<std::vector<pki::RootAuthority>> TrustedRoots(const std::string& file);

// kInvalid "CredentialMissing" says what is not set.
Result<azure::CredentialSettings> OwnIdentity(const AzureOptions& options,
                                              const azure::EnvironmentReader& read);

}  // namespace milink::app
