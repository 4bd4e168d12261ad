// Text of reports: what names in results may hold does no harm anywhere, tables, colours, pages.
#include "core/error.hpp"
#include "report/escape.hpp"
#include "report/page.hpp"
#include "report/palette.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace lair::report;

TEST_CASE("text that is no valid UTF-8, or holds control characters, becomes valid") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(plain_text("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  CHECK(plain_text("a\nb\tc\rd") == "a b c d");
  CHECK(plain_text(std::string("a\0b\x1B", 4)) == "a" + bad + "b" + bad);
  CHECK(plain_text("\xC3") == bad);                     // cut short
  CHECK(plain_text("\xC0\xAF") == bad + bad);           // overlong
  CHECK(plain_text("\xED\xA0\x80") == bad + bad + bad); // a surrogate
  CHECK(plain_text("\xC2\x85") == bad + bad);           // a C1 control
  CHECK(plain_text("\xF4\x90\x80\x80") == bad + bad + bad + bad);
  CHECK(plain_text("\xEF\xBF\xBF") == bad + bad + bad);
}

TEST_CASE("a hostile name is text in every form") {
  const std::string name = "<script>\"&'</script>%_{}|=";
  CHECK(xml_text(name) == "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;%_{}|=");
  CHECK(latex_text("a_b 50% {x} \\y ~^#&$<>|") ==
        "a\\_b 50\\% \\{x\\} \\textbackslash{}y \\textasciitilde{}\\textasciicircum{}\\#\\&\\$"
        "\\textless{}\\textgreater{}\\textbar{}");
  CHECK(markdown_text("a|b*c_d`<i>") == "a\\|b\\*c\\_d\\`&lt;i&gt;");
  CHECK(csv_text("a,\"b\"") == "\"a,\"\"b\"\"\"");
  CHECK(csv_text("=1+2") == "'=1+2");
  CHECK(csv_text("@x") == "'@x");
  CHECK(csv_text("-1.5e3") == "-1.5e3");
  CHECK(csv_text("-x") == "'-x");
  CHECK(slug("faults.rate, <all>") == "faults-rate-all");
  CHECK(slug("../..") == "x");
}

TEST_CASE("base64 of every length") {
  CHECK(data_uri("text/csv", "") == "data:text/csv;base64,");
  CHECK(data_uri("text/csv", "f") == "data:text/csv;base64,Zg==");
  CHECK(data_uri("text/csv", "fo") == "data:text/csv;base64,Zm8=");
  CHECK(data_uri("text/csv", "foo") == "data:text/csv;base64,Zm9v");
  CHECK(data_uri("text/csv", "\xFF\xFE\xFD\xFC") == "data:text/csv;base64,//79/A==");
}

TEST_CASE("numbers have four digits, and intervals that have a width") {
  CHECK(shown(0.123456) == "0.1235");
  CHECK(shown(12345.6) == "12346");
  CHECK(shown(1.5e9) == "1.5e+09");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(shown(2, 1, 3) == "2 [1, 3]");
  CHECK(shown(2, 2, 2) == "2");
  const double third = 1.0 / 3;
  CHECK(std::stod(exact(third)) == third);
}

TEST_CASE("a table in its four forms") {
  Table table{"t", "What & why", {{"name", false}, interval_column("mean_s", "mean_s")}, {}};
  table.rows.push_back({{"a<b|"}, interval_cell(2, 1.5, 2.25)});
  table.rows.push_back({{"c,d"}, number_cell(std::numeric_limits<double>::quiet_NaN())});
  CHECK(table_csv(table) == "name,mean_s,mean_s_low,mean_s_high\na<b|,2,1.5,2.25\n\"c,d\",,,\n");
  CHECK(table_markdown(table) == "**What &amp; why**\n\n| name | mean\\_s |\n|---|--:|\n"
                                 "| a&lt;b\\| | 2 \\[1.5, 2.25\\] |\n| c,d | - |\n");
  const std::string html = table_html(table);
  CHECK(html.find("<caption>What &amp; why</caption>") != std::string::npos);
  CHECK(html.find("<th scope=\"row\">a&lt;b|</th><td class=\"n\">2 [1.5, 2.25]</td>") != std::string::npos);
  CHECK(html.find("<th scope=\"col\">name</th><th scope=\"col\" class=\"n\">mean_s</th>") != std::string::npos);
  const std::string latex = table_latex(table);
  CHECK(latex.find("\\begin{tabular}{lr}") != std::string::npos);
  CHECK(latex.find("a\\textless{}b\\textbar{} & 2 {[}1.5, 2.25{]} \\\\\n") != std::string::npos);
}

TEST_CASE("colours can be read, light and dark") {
  CHECK(contrast("#000000", "#ffffff") == doctest::Approx(21));
  CHECK(contrast("#777777", "#ffffff") == doctest::Approx(4.48).epsilon(0.01)); // WCAG's known example
  for (const auto& ground : grounds) {
    if (ground.name == "paper" || ground.name == "panel" || ground.name == "grid") continue;
    for (std::size_t under : {0, 1}) { // paper and panel
      INFO(ground.name, " on ", grounds[under].name);
      CHECK(contrast(ground.light, grounds[under].light) >= 4.5);
      CHECK(contrast(ground.dark, grounds[under].dark) >= 4.5);
    }
  }
  for (std::size_t i = 0; i < series_count; ++i) {
    CHECK(contrast(light_series[i], "#ffffff") >= 4.5);
    CHECK(contrast(dark_series[i], grounds[0].dark) >= 4.5);
  }
  CHECK(heat_colour(0) == "#440154");
  CHECK(heat_colour(1) == "#fde725");
  CHECK(heat_colour(7) == "#fde725");
}

TEST_CASE("a page says what it has, escapes it, and names its tables") {
  Page page;
  page.title = "Run <1>";
  page.verdict = "a & b";
  page.facts = {{"scenario", "\"x\""}};
  page.warnings = {"run <2> is missing"};
  page.sections.push_back({"tables", "Tables", {Paragraph{"<p>"}, Table{"one", "One", {{"n", false}}, {{{"v"}}}},
                                                Html{"<b id=\"own\">kept</b>"}}});
  const std::string html = page_html(page);
  for (const char* part : {"<title>Run &lt;1&gt;</title>", "a &amp; b", "&quot;x&quot;", "run &lt;2&gt; is missing",
                           "<p>&lt;p&gt;</p>", "<b id=\"own\">kept</b>", "<table id=\"table-one\">"}) {
    INFO(part);
    CHECK(html.find(part) != std::string::npos);
  }
  CHECK(html == page_html(page));
  CHECK(html.find("src=\"http") == std::string::npos);
  CHECK(page_tables(page, TableFormat::csv, "one") == "n\nv\n");
  CHECK_THROWS_AS(page_tables(page, TableFormat::csv, "two"), lair::InputError);
}
