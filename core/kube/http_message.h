// Between our requests and answers and those of Boost.Beast. Pure functions; inside the HTTP
// connection only.
#pragma once

#include <cstdint>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>

#include "core/base/error.h"
#include "core/kube/connection_settings.h"
#include "core/kube/http.h"

namespace milink::kube {

// The head of an answer may have so many bytes.
inline constexpr std::uint32_t kHeadLimit = 64U << 10U;

// Without credentials.
boost::beast::http::request<boost::beast::http::string_body> ToMessage(
    const HttpRequest& request, const ConnectionSettings& settings);

// What opens a tunnel to the server. REQUIRES: a proxy.
boost::beast::http::request<boost::beast::http::empty_body> ToConnect(
    const ConnectionSettings& settings);

// Names in lower case; repeated fields joined.
HttpHead ToHead(const boost::beast::http::response_header<>& answer);

// "cannot <doing> the Kubernetes API server <address>", with a reason of api_status.h.
Error TransportError(const boost::system::error_code& error, const char* doing,
                     const ServerAddress& address);

}  // namespace milink::kube
