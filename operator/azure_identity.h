// Which cloud the operator is in, and who it is there: its flags, and the variables that workload
// identity and the Azure SDKs use. Pure.
#pragma once

#include "core/azure/cloud.h"
#include "core/azure/credential.h"
#include "operator/options.h"

namespace milink::app {

// The cloud of links that name none: --azure-cloud, or the one whose sign-in AZURE_AUTHORITY_HOST
// is; Custom as soon as a flag or that variable describes another one.
azure::Cloud OwnCloud(const AzureOptions& options, const azure::EnvironmentReader& read);

// kInvalid "CredentialMissing" says what is not set.
Result<azure::CredentialSettings> OwnIdentity(const AzureOptions& options,
                                              const azure::EnvironmentReader& read);

}  // namespace milink::app
