// Text of reports: what names in results may hold does no harm anywhere, tables, colours, pages.
#include "core/error.hpp"
#include "report/escape.hpp"
#include "report/page.hpp"
#include "report/palette.hpp"
#include "report/verdict_sentence.hpp"

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
  // Two hyphens are no dash, ?` is no question mark upside down, a star or bracket no argument of \\\\.
  CHECK(latex_text("--x ?` *[1] \"'") == "-{}-x ?\\textasciigrave{} {*}{[}1{]} ''\\textquotesingle{}");
  // What plain pdflatex cannot print is named: a decomposed accent, d with a stroke, a Chinese character.
  CHECK(latex_text("\xC3\xA9\xC5\x82 e\xCC\x81 \xC4\x91 \xE4\xB8\xAD \xCE\xBC") ==
        "\xC3\xA9\xC5\x82 e{[}U+0301{]} {[}U+0111{]} {[}U+4E2D{]} $\\mu$");
  CHECK(latex_text("\xFF") == "{[}U+FFFD{]}");
  CHECK(latex_number("-0.05 [-0.06, 1.5e-05]") == "$-$0.05 {[}$-$0.06, 1.5$\\cdot10^{-5}${]}");
  CHECK(latex_number("1.2e+09") == "1.2$\\cdot10^{9}$");
  CHECK(latex_number("-") == "--");
  CHECK(latex_number("+128.7 %") == "+128.7 \\%");
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

TEST_CASE("a wide table in LaTeX is narrowed, a long one has parts") {
  Table table{"w", "Wide", {{"policy", false}}, {}};
  for (int i = 0; i < 5; ++i) table.columns.push_back(interval_column("Response time, 95th percentile", "x"));
  for (int row = 0; row < 50; ++row) {
    table.rows.push_back({{"p"}});
    for (int i = 0; i < 5; ++i) table.rows.back().push_back(interval_cell(1000 + row, 900.25, 1100.5));
  }
  const std::string latex = table_latex(table);
  CHECK(latex.find("\\resizebox") != std::string::npos);
  CHECK(latex.find("\\begin{tabular}[t]{@{}r@{}}1000 \\\\ {[}900.2, 1100{]}\\end{tabular}") != std::string::npos);
  CHECK(latex.find("\\begin{tabular}[t]{@{}r@{}}Response time, \\\\ 95th \\\\ percentile\\end{tabular}") != std::string::npos);
  std::size_t parts = 0, labels = 0, rows = 0;
  for (std::size_t at = 0; (at = latex.find("\\caption", at)) != std::string::npos; ++at) ++parts;
  for (std::size_t at = 0; (at = latex.find("\\label", at)) != std::string::npos; ++at) ++labels;
  for (std::size_t at = 0; (at = latex.find("\np & ", at)) != std::string::npos; ++at) ++rows;
  CHECK(parts == 3); // 19 rows of two lines each on a page
  CHECK(labels == 1);
  CHECK(rows == 50);
}

TEST_CASE("shares have three decimals, sentences in tables room") {
  CHECK(shown_share(4.3e-5) == "0.000");
  CHECK(shown_share(-4.3e-5) == "0.000");
  CHECK(shown_share(0.76401) == "0.764");
  CHECK(shown_share(std::numeric_limits<double>::quiet_NaN()) == "-");
  CHECK(share_cell(0.5, 0.25, 0.75).text == "0.500 [0.250, 0.750]");
  CHECK(share_cell(0.5, 0.25, 0.75).values[1] == "0.25");
  CHECK(share_cell(0.5, std::numeric_limits<double>::quiet_NaN(), 1).text == "0.500");
  Table table{"t", "c", {{"metric", false}, {"meaning", false}}, {}};
  table.rows.push_back({{"x"}, {"short"}});
  CHECK(table_html(table).find("class=\"long\"") == std::string::npos);
  table.rows.push_back({{"y"}, {"a sentence that on a phone would be one word wide"}});
  CHECK(table_html(table).find("<td class=\"long\">short</td>") != std::string::npos);
}

TEST_CASE("better and worse in one sentence per policy") {
  using lair::record::Metric;
  using lair::record::Verdict;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<JudgedPolicy> two{{"b",
                                       {{Metric::energy_kwh, Verdict::better, -0.062},
                                        {Metric::slo_violation_rate, Verdict::worse, nan},
                                        {Metric::migrations, Verdict::none, 1},
                                        {Metric::response_mean_s, Verdict::same, 0},
                                        {Metric::response_p95_s, Verdict::unclear, 0.1}}},
                                      {"c", {}}};
  CHECK(verdict_sentences("a", two, 10) == "b against a: better in energy (-6.2 %); worse in SLO violations; the same in 1 other; "
                                           "no clear difference in 1 other. c against a: better in none of these metrics. Over 10 seeds.");
  CHECK(verdict_sentences("a", {{"c", {}}}, 3) == "c against a: better in none of these metrics. With 3 seeds Wilcoxon's p is at "
                                                  "least 0.25; a test at 0.05 takes at least 6.");
  CHECK(verdict_sentences("a", {{"c", {}}}, 1) == "c against a: one seed shows a difference, never that there is one.");
  CHECK(verdict_sentences("a", {}, 5).empty());
  const std::string six = verdict_sentences("a", std::vector<JudgedPolicy>(6, {"c", {}}), 6);
  CHECK(six.find("2 more policies: see the tables. Over 6 seeds.") != std::string::npos);
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
