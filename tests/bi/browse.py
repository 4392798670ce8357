"""Open every dashboard in headless Chromium and say what was seen; runs in Superset's environment, which has Selenium.

Reads a JSON object from stdin: ``base`` (address), ``password`` of admin, ``folder`` for the screenshots and
``dashboards``, the number of charts by slug. Writes one JSON object to stdout: by slug the ``charts`` (name, text,
errors, how much is drawn, and the answer to the chart's data request), the ``hosts`` that answered anything, and the
``problems`` of the page.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,2400",
]
LIMIT = 180.0  # seconds for one page on a busy machine
DRAWN = ".slice_container canvas, .slice_container tbody td, .slice_container .header-line"
HOLDER = ".dashboard-component-chart-holder"


def main() -> None:
    """Log in, look at each dashboard, report."""
    order = json.load(sys.stdin)
    browser = _start()
    try:
        _log_in(browser, order["base"], order["password"])
        seen = {
            slug: _look(browser, f"{order['base']}/superset/dashboard/{slug}/", charts, Path(order["folder"]) / slug)
            for slug, charts in order["dashboards"].items()
        }
    finally:
        browser.quit()
    json.dump(seen, sys.stdout, ensure_ascii=False)


def _start() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def _log_in(browser: webdriver.Chrome, base: str, password: str) -> None:
    browser.get(f"{base}/login/")
    wait = WebDriverWait(browser, LIMIT)
    wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, "input[type=password]"))
    browser.find_element(By.CSS_SELECTOR, "#username, input[name=username]").send_keys("admin")
    browser.find_element(By.CSS_SELECTOR, "input[type=password]").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit]").click()
    wait.until(lambda b: "/login" not in b.current_url)


def _look(browser: webdriver.Chrome, address: str, charts: int, picture: Path) -> dict[str, Any]:
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(address)
    answers: dict[int, Any] = {}
    hosts: set[str] = set()
    end = time.monotonic() + LIMIT
    while (len(answers) < charts or _is_loading(browser)) and time.monotonic() < end:
        time.sleep(0.5)
        _listen(browser, answers, hosts)
    time.sleep(2)  # the bars grow for a second
    _listen(browser, answers, hosts)
    browser.save_screenshot(f"{picture}.png")
    holders = browser.find_elements(By.CSS_SELECTOR, HOLDER)
    return {
        "charts": [_chart(holder, answers) for holder in holders],
        "hosts": sorted(hosts),
        "problems": [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"],
    }


def _is_loading(browser: webdriver.Chrome) -> bool:
    return bool(browser.find_elements(By.CSS_SELECTOR, f"{HOLDER} .loading, {HOLDER} [data-test=loading-indicator]"))


def _listen(browser: webdriver.Chrome, answers: dict[int, Any], hosts: set[str]) -> None:
    """Take from the browser's log the hosts that were asked and the answers to the charts' data requests."""
    for entry in browser.get_log("performance"):
        event = json.loads(entry["message"])["message"]
        if event["method"] != "Network.responseReceived":
            continue
        answer = event["params"]["response"]
        address = urlsplit(answer["url"])
        if address.scheme in ("http", "https"):
            hosts.add(address.netloc)
        slice_id = re.search(r'"slice_id":\s*(\d+)', unquote(address.query))
        if "/api/v1/chart/data" in address.path and slice_id:
            request = {"requestId": event["params"]["requestId"]}
            body = browser.execute_cdp_cmd("Network.getResponseBody", request)["body"]
            answers[int(slice_id[1])] = {"status": answer["status"], "body": json.loads(body)}


def _chart(holder: Any, answers: dict[int, Any]) -> dict[str, Any]:
    """Say what one place of the dashboard shows; its anchor carries the name that the dashboard's file gives it."""
    anchor = holder.find_element(By.CSS_SELECTOR, ".anchor-link-container")
    frame = holder.find_elements(By.CSS_SELECTOR, "[data-test-chart-id]")
    errors = holder.find_elements(By.CSS_SELECTOR, "[role=alert], .ant-alert-error, .missing-chart-container")
    return {
        "name": anchor.get_attribute("id").removeprefix("CHART-"),
        "text": holder.text,
        "drawn": len(holder.find_elements(By.CSS_SELECTOR, DRAWN)),
        "errors": [error.text for error in errors],
        "answer": answers.get(int(frame[0].get_attribute("data-test-chart-id"))) if frame else None,
    }


if __name__ == "__main__":
    main()
