/// Text from files, made safe for where it is put. Names may hold anything: <&"%_, control
/// characters, broken UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace lair::report {

/// Valid UTF-8 without control characters (each becomes U+FFFD, line ends and tabs a space).
std::string plain_text(std::string_view);

std::string xml_text(std::string_view);   ///< for HTML and SVG, attributes in quotation marks too
/// For LaTeX's text mode, with any engine and no package: what plain pdflatex cannot print becomes [U+4E2D].
std::string latex_text(std::string_view);
/// A number as shown() writes it, with a minus sign and powers of ten; "-" for nothing becomes a dash.
std::string latex_number(std::string_view ascii);
std::string markdown_text(std::string_view);
/// A CSV cell as in RFC 4180. One that a spreadsheet would take for a formula gets an apostrophe,
/// unless it is a number.
std::string csv_text(std::string_view);

/// A data URI of the bytes, in base64.
std::string data_uri(std::string_view media_type, std::string_view bytes);

/// "faults.rate, all" -> "faults-rate-all": letters, digits and single dashes, for ids and file names.
std::string slug(std::string_view);

} // namespace lair::report
