// Character sets of the wire: UTF-16LE, and code page 1252 of SQL_Latin1_General_CP1_CI_AS.
//
// Pure functions. Malformed input never fails: each bad sequence becomes U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace milink::sim::tds {

std::string Utf8ToUtf16(std::string_view utf8);
std::string Utf16ToUtf8(std::string_view utf16);

// What the code page lacks becomes '?', as on the real server.
std::string Utf8ToCodePage(std::string_view utf8);
std::string CodePageToUtf8(std::string_view bytes);

}  // namespace milink::sim::tds
