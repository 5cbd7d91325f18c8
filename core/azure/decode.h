// Azure's JSON to our models. Tolerant: unknown values pass, missing ones stay empty; only what a
// caller cannot do without is an error (kTransient "UnexpectedAnswer").
//
// Pure, thread-safe. Facts: ARM 2, 4, 5, 6.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/azure/models.h"
#include "core/base/result.h"

namespace milink::azure {

Result<ManagedInstance> DecodeInstance(const nlohmann::json& body);
Result<Link> DecodeLink(const nlohmann::json& body);
Result<PublicCertificate> DecodeCertificate(const nlohmann::json& body);
Subnet DecodeSubnet(const nlohmann::json& body);
SecurityGroup DecodeSecurityGroup(const nlohmann::json& body);
Permission DecodePermission(const nlohmann::json& body);
Result<OperationStatus> DecodeOperation(const nlohmann::json& body);

nlohmann::json EncodeLinkRequest(const LinkRequest& request);

}  // namespace milink::azure
